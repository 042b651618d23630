import type { Clock } from "@mcp-events/protocol";

interface Timer {
  readonly due: number;
  readonly order: number;
  readonly fn: () => void;
}

/** Time that only a test moves. */
export class ManualClock implements Clock {
  #now: number;
  #order = 0;
  readonly #timers = new Set<Timer>();

  constructor(start = 1_700_000_000_000) {
    this.#now = start;
  }

  /** Number of timers that are set and have not fired. */
  get pending(): number {
    return this.#timers.size;
  }

  now(): number {
    return this.#now;
  }

  after(ms: number, fn: () => void): () => void {
    const timer = { due: this.#now + Math.max(ms, 0), order: this.#order++, fn };
    this.#timers.add(timer);
    return () => {
      this.#timers.delete(timer);
    };
  }

  /** Moves time by `ms`: fires what falls due in order, and lets promises settle before, between and after. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms;
    await settle();
    for (let timer = this.#next(end); timer !== undefined; timer = this.#next(end)) {
      this.#timers.delete(timer);
      this.#now = Math.max(this.#now, timer.due);
      timer.fn();
      await settle();
    }
    this.#now = end;
  }

  /** Sets the time without firing anything, as when a machine's clock is corrected. */
  jump(ms: number): void {
    this.#now += ms;
  }

  #next(end: number): Timer | undefined {
    let next: Timer | undefined;
    for (const timer of this.#timers) {
      if (timer.due > end) continue;
      if (
        next === undefined ||
        timer.due < next.due ||
        (timer.due === next.due && timer.order < next.order)
      ) {
        next = timer;
      }
    }
    return next;
  }
}

let turnsToSettle = 1;

/** How many turns of the event loop {@link settle} waits: more where answers come turns later. */
export function settleAfter(turns: number): void {
  turnsToSettle = turns;
}

/** Resolves when every promise that can settle without timers or I/O has done so. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < turnsToSettle; turn += 1) {
    await new Promise<void>((resolve) => {
      setImmediate(resolve);
    });
  }
}
