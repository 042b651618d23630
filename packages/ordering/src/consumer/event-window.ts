import { Deque } from "../deque";

/** The last `capacity` event ids: tells duplicates from a server that gives no positions, as far back as it reaches. */
export class EventWindow {
  readonly #ids = new Map<string, number>();
  readonly #order = new Deque<{ readonly eventId: string; readonly number: number }>();

  constructor(readonly capacity: number) {}

  /** Whether an event of this id is in the window. */
  has(eventId: string): boolean {
    return this.#ids.has(eventId);
  }

  /** The number an event was added with; `undefined` when it is not in the window. */
  numberOf(eventId: string): number | undefined {
    return this.#ids.get(eventId);
  }

  /** Adds an event with its number, greater than all before; the oldest leaves when there are more than `capacity`. */
  add(eventId: string, number: number): void {
    if (this.#ids.has(eventId)) return;
    this.#ids.set(eventId, number);
    this.#order.push({ eventId, number });
    if (this.#order.size <= this.capacity) return;
    const oldest = this.#order.shift();
    if (oldest !== undefined) this.#ids.delete(oldest.eventId);
  }

  /** Ids of the events whose number lies in (`after`, `through`], oldest first. */
  between(after: number, through: number): string[] {
    const ids: string[] = [];
    for (let at = this.#order.search(({ number }) => number > after); at < this.#order.end; at += 1) {
      const one = this.#order.at(at);
      if (one === undefined || one.number > through) break;
      ids.push(one.eventId);
    }
    return ids;
  }
}
