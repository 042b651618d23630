import {
  isJsonObject,
  type JsonObject,
  type Message,
  type RequestId,
  SUBSCRIPTION_ID,
} from "@mcp-events/protocol";
import type { Exchange, ResponseFilter } from "./exchange";
import { sseFrame } from "./sse-channel";

/** The id of a `subscriptions/listen` request that asks for changes of the event types; `undefined` for any other body. */
export function listenRequest(body: unknown): RequestId | undefined {
  if (!isJsonObject(body) || body.method !== "subscriptions/listen" || !isJsonObject(body.params))
    return undefined;
  const { notifications } = body.params;
  if (!isJsonObject(notifications) || notifications.eventsListChanged !== true) return undefined;
  return typeof body.id === "string" || typeof body.id === "number" ? body.id : undefined;
}

/** The `subscriptions/listen` streams of 2026-07-28 on which clients asked for `eventsListChanged` (LIST-3). */
export class ListenStreams {
  readonly #open = new Set<ListenStream>();
  #keepAlive: ReturnType<typeof setInterval> | undefined;

  constructor(
    private readonly most: number,
    private readonly keepAliveMs: number,
  ) {}

  /** Follows the response to a listen request; beyond the bound the SDK's answer, without our kind, stays as it is. */
  follow(id: RequestId, exchange: Exchange): void {
    if (this.#open.size >= this.most) return;
    const stream = new ListenStream(id, exchange);
    exchange.filter(stream);
    this.#open.add(stream);
    this.#keepAlive ??= setInterval(() => this.#comment(), this.keepAliveMs);
    (this.#keepAlive as { unref?: () => void }).unref?.();
    exchange.gone.addEventListener("abort", () => this.#remove(stream), { once: true });
  }

  broadcast(message: Message): void {
    for (const stream of this.#open) void stream.notify(message);
  }

  /** Ends those that nothing else keeps open. */
  close(): void {
    for (const stream of this.#open) stream.close();
  }

  #comment(): void {
    for (const stream of this.#open) stream.comment();
  }

  #remove(stream: ListenStream): void {
    this.#open.delete(stream);
    if (this.#open.size > 0) return;
    clearInterval(this.#keepAlive);
    this.#keepAlive = undefined;
  }
}

/**
 * One such stream. The SDK knows four kinds of change: it leaves ours out of the acknowledgement, and ends the stream at
 * once when nothing else was asked for. Both are put right in its answer.
 */
class ListenStream implements ResponseFilter {
  #acknowledged = false;
  /** Whether the SDK honoured nothing, so that the stream is ours alone. */
  #alone = false;
  #result = "";
  #notifying = false;

  constructor(
    private readonly id: RequestId,
    private readonly exchange: Exchange,
  ) {}

  chunk(text: string): string {
    const message = messageOf(text);
    if (message?.method === "notifications/subscriptions/acknowledged") return this.#acknowledge(message);
    if (!this.#alone || message?.id !== this.id || message.result === undefined) return text;
    this.#result = text;
    return "";
  }

  holdsOpen(): boolean {
    return this.#alone;
  }

  /** Sends a notification stamped with the stream's id; while one waits for a client that does not read, it says it all. */
  async notify(message: Message): Promise<void> {
    if (!this.#acknowledged || this.#notifying) return;
    this.#notifying = true;
    await this.exchange.drained();
    this.#notifying = false;
    const meta = isJsonObject(message.params._meta) ? message.params._meta : {};
    const params = { ...message.params, _meta: { ...meta, [SUBSCRIPTION_ID]: this.id } };
    this.exchange.write(sseFrame(JSON.stringify({ jsonrpc: "2.0", method: message.method, params })));
  }

  /** On a stream that is ours alone the SDK sends no keepalives any more. */
  comment(): void {
    if (this.#alone && !this.#notifying) this.exchange.write(": keepalive\n\n");
  }

  close(): void {
    if (!this.#alone) return;
    this.exchange.write(this.#result);
    this.exchange.end();
  }

  #acknowledge(message: JsonObject): string {
    const params = isJsonObject(message.params) ? message.params : {};
    const honoured = isJsonObject(params.notifications) ? params.notifications : {};
    this.#acknowledged = true;
    this.#alone = Object.keys(honoured).length === 0;
    const notifications = { ...honoured, eventsListChanged: true };
    return sseFrame(JSON.stringify({ ...message, params: { ...params, notifications } }));
  }
}

/** The JSON-RPC message inside a chunk of SSE; the SDK writes one frame a chunk. */
function messageOf(chunk: string): JsonObject | undefined {
  const data = /^data: (.*)$/m.exec(chunk)?.[1];
  if (data === undefined) return undefined;
  try {
    const message: unknown = JSON.parse(data);
    return isJsonObject(message) ? message : undefined;
  } catch {
    return undefined;
  }
}
