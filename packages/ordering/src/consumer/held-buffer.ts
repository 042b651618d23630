import type { Arrival, Outcome } from "./release";

/** An arrival that waits for what lies before it. */
export interface Held<T> {
  arrival: Arrival<T>;
  /** When the first copy came, in milliseconds. */
  readonly since: number;
  readonly waiters: ((outcome: Outcome) => void)[];
}

/** Copies of one delivery that wait for its outcome at most; more are refused. */
const MAX_WAITERS = 16;

/** Events held back by number; bounded by its owner. */
export class HeldBuffer<T> {
  readonly #bySeq = new Map<number, Held<T>>();

  get size(): number {
    return this.#bySeq.size;
  }

  has(seq: number): boolean {
    return this.#bySeq.has(seq);
  }

  /** Holds an arrival; a later copy replaces the held one (rule 19). */
  put(arrival: Arrival<T>, now: number): void {
    const held = this.#bySeq.get(arrival.mark.seq) ?? { arrival, since: now, waiters: [] };
    held.arrival = arrival;
    this.#bySeq.set(arrival.mark.seq, held);
    addWaiter(held.waiters, arrival.onOutcome);
  }

  /** The held event with the lowest number. */
  lowest(): Held<T> | undefined {
    let lowest: Held<T> | undefined;
    for (const held of this.#bySeq.values()) {
      if (lowest === undefined || held.arrival.mark.seq < lowest.arrival.mark.seq) lowest = held;
    }
    return lowest;
  }

  /** All held events in ascending order. */
  ascending(): Held<T>[] {
    return [...this.#bySeq.values()].sort((a, b) => a.arrival.mark.seq - b.arrival.mark.seq);
  }

  /** Takes one out. */
  take(seq: number): Held<T> | undefined {
    const held = this.#bySeq.get(seq);
    this.#bySeq.delete(seq);
    return held;
  }

  /** Takes out those for which `which` holds, and tells whoever waits for them. */
  drop(outcome: Outcome, which: (held: Held<T>) => boolean = () => true): number {
    let dropped = 0;
    for (const [seq, held] of this.#bySeq) {
      if (!which(held)) continue;
      this.#bySeq.delete(seq);
      dropped += 1;
      tell(held.waiters, outcome);
    }
    return dropped;
  }
}

/** Adds a waiter; beyond a bound it is refused at once. */
export function addWaiter(
  waiters: ((outcome: Outcome) => void)[],
  waiter: ((outcome: Outcome) => void) | undefined,
): void {
  if (waiter === undefined) return;
  if (waiters.length >= MAX_WAITERS) waiter("refused");
  else waiters.push(waiter);
}

/** Tells everybody who waits, once. */
export function tell(waiters: ((outcome: Outcome) => void)[], outcome: Outcome): void {
  for (const waiter of waiters.splice(0)) waiter(outcome);
}
