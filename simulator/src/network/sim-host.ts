import {
  type EventHost,
  type HostRequest,
  type JsonObject,
  type Message,
  type StreamChannel,
  WireError,
} from "@mcp-events/protocol";

/** A request as it comes from the network. */
export interface IncomingRequest {
  readonly method: string;
  readonly params: JsonObject;
  readonly principal: string;
  readonly signal: AbortSignal;
  /** Opens the request's stream, for `events/stream`. */
  readonly stream?: (() => StreamChannel) | undefined;
}

/** What one server process shows to the network. */
export class SimHost implements EventHost {
  readonly #methods = new Map<string, (request: HostRequest) => Promise<JsonObject>>();
  #nextId = 0;
  capabilities: JsonObject = {};

  addCapabilities(capabilities: JsonObject): void {
    this.capabilities = { ...this.capabilities, ...capabilities };
  }

  handle(method: string, handler: (request: HostRequest) => Promise<JsonObject>): void {
    this.#methods.set(method, handler);
  }

  async notify(_message: Message): Promise<void> {}

  onClose(_fn: () => void): void {}

  /** Lets the server answer. */
  async call({ method, params, principal, signal, stream }: IncomingRequest): Promise<JsonObject> {
    const handler = this.#methods.get(method);
    if (handler === undefined) throw new WireError("Unsupported", `no ${method}`, { feature: method });
    const { _meta, ...rest } = params;
    return handler({
      requestId: this.#nextId++,
      params: rest,
      meta: _meta as JsonObject | undefined,
      signal,
      principal,
      authInfo: undefined,
      stream: () => {
        if (stream === undefined) throw new Error("not a stream");
        return stream();
      },
    });
  }
}
