import type { Clock } from "@mcp-events/protocol";

/**
 * Calls back for each of its items every so often, with one timer for all of them: since the interval is the same,
 * the items are always in the order in which they are due. A clock that is set back makes them due early, not late.
 */
export class IntervalQueue<T> {
  readonly #lastSeen = new Map<T, number>();
  #cancel: (() => void) | undefined;

  constructor(
    private readonly clock: Clock,
    /** Milliseconds after which an item that was not touched is due. */
    private readonly intervalMs: number,
    /** Called for each item that is due; its interval begins anew before. */
    private readonly onDue: (item: T) => void,
  ) {}

  /** Number of items. */
  get size(): number {
    return this.#lastSeen.size;
  }

  /** Adds an item, or begins its interval anew. */
  touch(item: T): void {
    this.#lastSeen.delete(item);
    this.#lastSeen.set(item, this.clock.now());
    this.#cancel ??= this.clock.after(this.intervalMs, () => this.#tick());
  }

  /** Removes an item; the timer goes with the last one. */
  delete(item: T): void {
    this.#lastSeen.delete(item);
    if (this.#lastSeen.size > 0) return;
    this.#cancel?.();
    this.#cancel = undefined;
  }

  /** Removes all items. */
  clear(): void {
    for (const item of [...this.#lastSeen.keys()]) this.delete(item);
  }

  #tick(): void {
    this.#cancel = undefined;
    const now = this.clock.now();
    const slack = this.intervalMs / 16;
    const due: T[] = [];
    for (const [item, seen] of this.#lastSeen) {
      if (now >= seen && seen + this.intervalMs > now + slack) break;
      due.push(item);
    }
    for (const item of due) {
      this.touch(item);
      this.onDue(item);
    }
    this.#schedule(now);
  }

  #schedule(now: number): void {
    const first = this.#lastSeen.values().next();
    if (first.done) return;
    this.#cancel?.();
    const wait = Math.min(Math.max(1, first.value + this.intervalMs - now), this.intervalMs);
    this.#cancel = this.clock.after(wait, () => this.#tick());
  }
}
