import { EventWindow } from "@mcp-events/ordering";
import type { OrderingMark, OrderingPosition } from "@mcp-events/protocol";

/** Name of the log that stands for a server without the ordering extension. */
export const PLAIN_LOG = "";

/** The one epoch of {@link PLAIN_LOG}. */
export const PLAIN = { log: PLAIN_LOG, epoch: 0 } as const;

/**
 * Numbers the events of a server that gives no positions, in the order they arrive, and drops those whose `eventId` is
 * in a bounded window.
 */
export class PlainNumbering {
  readonly #window: EventWindow;
  #count = 0;

  /** @param recent - `eventId`s that were handled before, oldest first. */
  constructor(capacity: number, recent: readonly string[] = []) {
    this.#window = new EventWindow(capacity);
    for (const eventId of recent) this.#window.add(eventId, ++this.#count);
  }

  /** Where the last event stands. */
  get position(): OrderingPosition {
    return { ...PLAIN, through: this.#count };
  }

  /** The number of an event that came before; `undefined` when it is not in the window. */
  numberOf(eventId: string): number | undefined {
    return this.#window.numberOf(eventId);
  }

  /** The place of an event; `undefined` for a duplicate. */
  mark(eventId: string): OrderingMark | undefined {
    if (this.#window.has(eventId)) return undefined;
    const mark = this.gap();
    this.#window.add(eventId, mark.seq);
    return mark;
  }

  /** The place of something that has no id. */
  gap(): OrderingMark {
    const prev = this.#count;
    this.#count += 1;
    return { ...PLAIN, seq: this.#count, prev };
  }

  /** `eventId`s in (`after`, `through`], oldest first. */
  between(after: number, through: number): string[] {
    return this.#window.between(after, through);
  }
}
