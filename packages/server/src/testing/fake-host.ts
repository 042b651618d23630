import type {
  EventHost,
  HostRequest,
  JsonObject,
  Message,
  RequestId,
  StreamChannel,
} from "@mcp-events/protocol";
import { isJsonObject, ORDERING_EXTENSION } from "@mcp-events/protocol";

/** Who calls, and how. */
export interface Calling {
  principal?: string | null;
  authInfo?: unknown;
  sessionId?: string;
  requestId?: RequestId;
  /** `_meta` of the request. */
  meta?: JsonObject;
  /** What opening the stream throws. */
  refuse?: Error;
}

/** An MCP server without an SDK: tests call its handlers and read what they write. */
export class FakeHost implements EventHost {
  readonly capabilities: JsonObject[] = [];
  readonly notifications: Message[] = [];
  readonly methods = new Map<string, (request: HostRequest) => Promise<JsonObject>>();
  readonly #onClose: (() => void)[] = [];
  #nextId = 0;

  addCapabilities(capabilities: JsonObject): void {
    this.capabilities.push(capabilities);
  }

  handle(method: string, handler: (request: HostRequest) => Promise<JsonObject>): void {
    this.methods.set(method, handler);
  }

  async notify(message: Message): Promise<void> {
    this.notifications.push(message);
  }

  onClose(fn: () => void): void {
    this.#onClose.push(fn);
  }

  close(): void {
    for (const fn of this.#onClose) fn();
  }

  /** Sends a request that is not a stream. */
  async call(method: string, params: JsonObject = {}, calling: Calling & { signal?: AbortSignal } = {}) {
    const signal = calling.signal ?? new AbortController().signal;
    return this.#send(method, params, calling, signal, () => {
      throw new Error("no stream was asked for");
    });
  }

  /** Polls. */
  async poll(params: JsonObject, calling: Calling & { signal?: AbortSignal } = {}) {
    return (await this.call("events/poll", params, calling)) as unknown as Polled;
  }

  /** Opens a stream. */
  stream(params: JsonObject, calling: Calling = {}): FakeStream {
    const stream = new FakeStream();
    const open = () => {
      if (calling.refuse !== undefined) throw calling.refuse;
      return stream;
    };
    stream.result = this.#send("events/stream", params, calling, stream.signal, open);
    stream.result.catch(() => {});
    return stream;
  }

  async #send(
    method: string,
    params: JsonObject,
    calling: Calling,
    signal: AbortSignal,
    stream: () => StreamChannel,
  ): Promise<JsonObject> {
    const { principal = null, authInfo, sessionId, requestId = this.#nextId++, meta } = calling;
    const handler = this.methods.get(method);
    if (handler === undefined) throw new Error(`no handler for ${method}`);
    return handler({ requestId, params, meta, signal, principal, authInfo, sessionId, stream });
  }
}

/** What a poll answers. */
export interface Polled {
  resultType: string;
  events: Told[];
  cursor: string | null;
  truncated: boolean;
  hasMore: boolean;
  nextPollMs: number;
  _meta: JsonObject;
}

/** An occurrence on the wire. */
export interface Told {
  eventId: string;
  name: string;
  timestamp: string;
  data: JsonObject;
  cursor?: string | null;
  _meta: JsonObject;
}

/** The client's end of a stream. */
export class FakeStream implements StreamChannel {
  readonly messages: Message[] = [];
  readonly #abort = new AbortController();
  readonly signal = this.#abort.signal;
  result: Promise<JsonObject> = Promise.resolve({});
  /** How often `release` was called. */
  releases = 0;
  /** Calls of `write`. */
  writes = 0;
  #blocked: Promise<void> | undefined;
  #unblock: () => void = () => {};

  async write(messages: readonly Message[]): Promise<void> {
    this.writes += 1;
    if (this.signal.aborted) return;
    this.messages.push(...messages);
    await this.#blocked;
  }

  release(): void {
    this.releases += 1;
  }

  /** The client disconnects. */
  abort(): void {
    this.#abort.abort();
    this.#unblock();
  }

  /** The transport takes what is written and is not writable after it. */
  block(): void {
    this.#blocked = new Promise((resolve) => {
      this.#unblock = resolve;
    });
  }

  unblock(): void {
    this.#blocked = undefined;
    this.#unblock();
  }

  /** Kinds of the messages, without the common prefix. */
  get kinds(): string[] {
    return this.messages.map(({ method }) => method.replace("notifications/events/", ""));
  }

  /** Parameters of the messages of a kind. */
  all(kind: string): JsonObject[] {
    return this.messages
      .filter(({ method }) => method === `notifications/events/${kind}`)
      .map(({ params }) => params);
  }

  get events(): Told[] {
    return this.all("event") as unknown as Told[];
  }

  /** The last message's cursor. */
  get cursor(): string {
    return String(this.messages.at(-1)?.params.cursor);
  }
}

/** The ordering member of a message's `_meta`. */
export function ordering(message: { _meta?: unknown }): JsonObject {
  const meta = isJsonObject(message._meta) ? message._meta : {};
  return meta[ORDERING_EXTENSION] as JsonObject;
}
