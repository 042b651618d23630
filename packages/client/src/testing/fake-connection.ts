import {
  BoundedQueue,
  type ClientStream,
  type EventConnection,
  EventsError,
  type JsonObject,
  type Message,
  serverCapabilities,
} from "@mcp-events/protocol";

/** One stream as a scripted server sees it. */
export class FakeStream {
  readonly #queue: BoundedQueue<Message>;

  constructor(
    readonly params: JsonObject,
    readonly signal: AbortSignal,
    capacity: number,
  ) {
    const overflow = () => new EventsError("stream_overflow", "fell behind", { retryable: true });
    this.#queue = new BoundedQueue<Message>(capacity, overflow);
    signal.addEventListener("abort", () => this.#queue.close(), { once: true });
  }

  get messages(): ClientStream["messages"] {
    return this.#queue;
  }

  /** Messages that were sent and not read. */
  get unread(): number {
    return this.#queue.size;
  }

  /** Sends messages; false when one did not fit any more. */
  send(...messages: readonly Message[]): boolean {
    return messages.every((message) => this.#queue.push(message));
  }

  /** Ends it with a result. */
  end(): void {
    this.#queue.close();
  }

  /** Breaks it; default: as a connection does. */
  fail(error: unknown = new EventsError("stream_ended", "cut", { retryable: true })): void {
    this.#queue.fail(error);
  }
}

type Handler = (params: JsonObject) => JsonObject | Promise<JsonObject>;

/** An {@link EventConnection} whose server is the test. */
export class FakeConnection implements EventConnection {
  readonly streams: FakeStream[] = [];
  readonly requests: {
    readonly method: string;
    readonly params: JsonObject;
    readonly timeoutMs: number | undefined;
  }[] = [];
  readonly handlers = new Map<string, Handler>();
  readonly listeners = new Map<string, Set<(params: JsonObject) => void>>();
  readonly #closed = new AbortController();
  capabilities: JsonObject | undefined = serverCapabilities({ listChanged: true });
  /** Called for each stream that is opened. */
  onStream: (stream: FakeStream) => void = () => {};

  get closed(): AbortSignal {
    return this.#closed.signal;
  }

  /** The stream opened last. */
  get stream(): FakeStream {
    const stream = this.streams.at(-1);
    if (stream === undefined) throw new Error("no stream was opened");
    return stream;
  }

  /** Streams the client has not given up. */
  get openStreams(): number {
    return this.streams.filter(({ signal }) => !signal.aborted).length;
  }

  /** Parameters of the requests of one method. */
  paramsOf(method: string): JsonObject[] {
    return this.requests.filter((request) => request.method === method).map(({ params }) => params);
  }

  close(): void {
    this.#closed.abort();
  }

  notify(method: string, params: JsonObject = {}): void {
    for (const listener of this.listeners.get(method) ?? []) listener(params);
  }

  async serverCapabilities(): Promise<JsonObject | undefined> {
    return this.capabilities;
  }

  async request(
    method: string,
    params: JsonObject,
    options: { signal?: AbortSignal | undefined; timeoutMs?: number | undefined } = {},
  ): Promise<JsonObject> {
    this.requests.push({ method, params, timeoutMs: options.timeoutMs });
    const handler = this.handlers.get(method);
    if (handler === undefined) throw new Error(`no handler for ${method}`);
    const aborted = new EventsError("closed", "the request was aborted");
    if (options.signal?.aborted) throw aborted;
    let onAbort = () => {};
    const abort = new Promise<never>((_resolve, reject) => {
      onAbort = () => reject(aborted);
      options.signal?.addEventListener("abort", onAbort, { once: true });
    });
    try {
      return await Promise.race([Promise.resolve(params).then(handler), abort]);
    } finally {
      options.signal?.removeEventListener("abort", onAbort);
    }
  }

  openStream(params: JsonObject, options: { signal: AbortSignal; maxBuffered?: number }): ClientStream {
    const stream = new FakeStream(params, options.signal, options.maxBuffered ?? 4_096);
    this.streams.push(stream);
    this.onStream(stream);
    return stream;
  }

  onNotification(method: string, fn: (params: JsonObject) => void): () => void {
    const set = this.listeners.get(method) ?? new Set();
    this.listeners.set(method, set.add(fn));
    return () => set.delete(fn);
  }
}
