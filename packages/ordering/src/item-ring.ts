import type { Entry } from "./contracts";
import { Deque } from "./deque";
import type { Outcome } from "./evaluation";
import type { ReadItem } from "./reading";

/** The latest items of one stretch of a view, chained by `prev` and `keyPrev`. */
export class ItemRing {
  readonly items = new Deque<ReadItem>();
  /** The ring has every item after this number, as far as the stretch was evaluated. */
  from: number;
  #last: number;
  readonly #keys = new Map<string, number>();
  /** For a key not in `#keys`: its preceding item, if any, is at or before this number. */
  #keyFloor: number;

  constructor(
    start: number,
    private readonly size: number,
    private readonly maxKeys: number,
  ) {
    this.from = start;
    this.#last = start;
    this.#keyFloor = start;
  }

  /** Adds the next item; one too many drops the oldest. */
  push(entry: Entry, outcome: NonNullable<Outcome>): void {
    const prev = this.#last;
    this.#last = entry.seq;
    const key = entry.orderingKey;
    const { kind, data } = outcome;
    if (key === undefined) this.items.push({ kind, entry, data, prev });
    else this.items.push({ kind, entry, data, prev, keyPrev: this.#moveKey(key, entry.seq) });
    if (this.items.size > this.size) this.#drop();
  }

  /** Drops what lies before an index. */
  dropBefore(index: number): void {
    while (this.items.first < index && this.items.size > 0) this.#drop();
  }

  #drop(): void {
    this.from = this.items.shift()!.entry.seq;
  }

  #moveKey(key: string, seq: number): number {
    const before = this.#keys.get(key) ?? this.#keyFloor;
    this.#keys.delete(key);
    this.#keys.set(key, seq);
    if (this.#keys.size > this.maxKeys) this.#forgetKey();
    return before;
  }

  #forgetKey(): void {
    const [key, seq] = this.#keys.entries().next().value!;
    this.#keys.delete(key);
    this.#keyFloor = Math.max(this.#keyFloor, seq);
  }
}
