import type {
  EventHost,
  HostRequest,
  JsonObject,
  Message,
  RequestId,
  StreamChannel,
} from "@mcp-events/protocol";

/** A stream that is open: its result, and what ends it. */
export interface OpenStream {
  readonly result: Promise<JsonObject>;
  end(): void;
}

/** An MCP server in memory, without SDK and without encoding: calls the handlers of whoever binds to it. */
export class MemoryHost implements EventHost {
  readonly #handlers = new Map<string, (request: HostRequest) => Promise<JsonObject>>();
  readonly #onClose: (() => void)[] = [];
  #nextId = 0;

  addCapabilities(): void {}

  handle(method: string, handler: (request: HostRequest) => Promise<JsonObject>): void {
    this.#handlers.set(method, handler);
  }

  async notify(): Promise<void> {}

  onClose(fn: () => void): void {
    this.#onClose.push(fn);
  }

  close(): void {
    for (const fn of this.#onClose) fn();
  }

  /** Sends `events/stream`; `take` gets each batch that is written. */
  stream(params: JsonObject, take: (messages: readonly Message[]) => void): OpenStream {
    const abort = new AbortController();
    const { signal } = abort;
    const channel: StreamChannel = {
      signal,
      async write(messages) {
        take(messages);
      },
      release() {},
    };
    const result = this.#send("events/stream", params, null, signal, () => channel);
    return { result, end: () => abort.abort() };
  }

  /** Sends a request that is no stream. */
  request(
    method: string,
    params: JsonObject,
    principal: string | null,
    meta?: JsonObject,
  ): Promise<JsonObject> {
    const { signal } = new AbortController();
    const stream = () => {
      throw new Error(`${method} opens no stream`);
    };
    return this.#send(method, params, principal, signal, stream, meta);
  }

  #send(
    method: string,
    params: JsonObject,
    principal: string | null,
    signal: AbortSignal,
    stream: () => StreamChannel,
    meta?: JsonObject,
  ): Promise<JsonObject> {
    const handler = this.#handlers.get(method);
    if (handler === undefined) throw new Error(`nothing handles ${method}`);
    const requestId: RequestId = this.#nextId;
    this.#nextId += 1;
    return handler({ requestId, params, meta, signal, principal, authInfo: undefined, stream });
  }
}
