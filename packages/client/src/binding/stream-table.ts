import type { Message, RequestId } from "@mcp-events/protocol";

/** One stream of this client, from its request's leaving to its end. */
export interface OpenStream {
  /** Takes a notification of the stream. */
  push(message: Message): void;
  /** Takes the response to the stream's request, as it stood on the wire. */
  respond(response: { error?: unknown }): void;
}

/** Streams that ended are remembered up to this many, so that what arrives late for them is dropped quietly. */
const REMEMBERED = 1_024;

/** The streams of one connection by the id of their request, which only this connection gives out. */
export class StreamTable {
  readonly #open = new Map<RequestId, OpenStream>();
  readonly #ended = new Set<RequestId>();

  add(id: RequestId, stream: OpenStream): void {
    this.#ended.delete(id);
    this.#open.set(id, stream);
  }

  get(id: unknown): OpenStream | undefined {
    return this.#open.get(id as RequestId);
  }

  /** Moves a stream to those that ended. */
  end(id: RequestId): void {
    if (!this.#open.delete(id)) return;
    this.#ended.add(id);
    if (this.#ended.size <= REMEMBERED) return;
    const [oldest] = this.#ended;
    if (oldest !== undefined) this.#ended.delete(oldest);
  }

  hasEnded(id: unknown): boolean {
    return this.#ended.has(id as RequestId);
  }
}
