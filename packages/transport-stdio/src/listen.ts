import {
  isJsonObject,
  type JsonObject,
  type McpTransport,
  type Message,
  SUBSCRIPTION_ID,
} from "@mcp-events/protocol";

const wires = new WeakMap<McpTransport, WireListen>();

/** The listen state of a wire transport; made when its first server connects. */
export function wireListen(wire: McpTransport): WireListen {
  const known = wires.get(wire);
  if (known !== undefined) return known;
  const listen = new WireListen(wire);
  wires.set(wire, listen);
  return listen;
}

/**
 * `subscriptions/listen` with `eventsListChanged` on the wire behind v2's `serveStdio` (LIST-3). The SDK answers and
 * keeps such streams but knows four kinds of change only: the kind is read from the request, added to the
 * acknowledgement, and its notification goes out stamped with the stream's subscription id.
 */
export class WireListen {
  readonly #asked = new Set<unknown>();
  readonly #open = new Set<unknown>();
  readonly #send: (message: unknown, options?: unknown) => Promise<void>;

  constructor(wire: McpTransport) {
    this.#send = wire.send.bind(wire);
    wire.send = (message, options) => this.#send(this.#outgoing(message), options);
    const { onmessage } = wire;
    wire.onmessage = (message, extra) => {
      this.#incoming(message);
      onmessage?.(message, extra);
    };
  }

  /** Sends a notification on each stream that asked for it. */
  async notify(message: Message): Promise<void> {
    for (const id of [...this.#open]) {
      const meta = isJsonObject(message.params._meta) ? message.params._meta : {};
      const params = { ...message.params, _meta: { ...meta, [SUBSCRIPTION_ID]: id } };
      await this.#send({ jsonrpc: "2.0", method: message.method, params });
    }
  }

  #incoming(message: unknown): void {
    if (!isJsonObject(message) || !isJsonObject(message.params)) return;
    if (message.method === "subscriptions/listen") {
      const filter = message.params.notifications;
      if (isJsonObject(filter) && filter.eventsListChanged === true) this.#asked.add(message.id);
    } else if (message.method === "notifications/cancelled") {
      this.#forget(message.params.requestId);
    }
  }

  #outgoing(message: unknown): unknown {
    if (!isJsonObject(message) || this.#asked.size + this.#open.size === 0) return message;
    if (message.method === "notifications/subscriptions/acknowledged") return this.#acknowledge(message);
    if (message.method === undefined) this.#forget(message.id);
    return message;
  }

  #acknowledge(message: JsonObject): JsonObject {
    const params = isJsonObject(message.params) ? message.params : {};
    const id = isJsonObject(params._meta) ? params._meta[SUBSCRIPTION_ID] : undefined;
    if (!this.#asked.delete(id)) return message;
    this.#open.add(id);
    const honoured = isJsonObject(params.notifications) ? params.notifications : {};
    return { ...message, params: { ...params, notifications: { ...honoured, eventsListChanged: true } } };
  }

  #forget(id: unknown): void {
    this.#asked.delete(id);
    this.#open.delete(id);
  }
}
