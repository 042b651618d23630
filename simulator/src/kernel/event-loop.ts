interface Timer {
  readonly due: number;
  readonly order: number;
  readonly fn: () => void;
  cancelled: boolean;
}

const realImmediate = setImmediate;

/**
 * Virtual time and turns: everything that is due runs in one order, and a turn begins when no promise can settle any
 * more. Nothing else of the process may call into the simulated code while it runs.
 */
export class EventLoop {
  #now = 0;
  #order = 0;
  readonly #heap: Timer[] = [];
  #turns: (() => void)[] = [];

  /** Milliseconds since the run began. */
  get now(): number {
    return this.#now;
  }

  /** Timers that are set. */
  get pending(): number {
    return this.#heap.filter(({ cancelled }) => !cancelled).length;
  }

  /** Calls `fn` after `ms` milliseconds; the returned function cancels it. */
  after(ms: number, fn: () => void): () => void {
    const due = this.#now + Math.max(0, ms);
    const timer: Timer = { due, order: this.#order++, fn, cancelled: false };
    this.#push(timer);
    return () => {
      timer.cancelled = true;
    };
  }

  /** Calls `fn` in the next turn, as `setImmediate` does. */
  immediate(fn: () => void): void {
    this.#turns.push(fn);
  }

  /** Runs until `time`, and whatever that brings about at once. */
  async runUntil(time: number): Promise<void> {
    for (;;) {
      await settled();
      if (this.#turns.length > 0) {
        const turns = this.#turns;
        this.#turns = [];
        for (const turn of turns) turn();
        continue;
      }
      const timer = this.#heap[0];
      if (timer === undefined || timer.due > time) break;
      this.#pop();
      if (timer.cancelled) continue;
      this.#now = Math.max(this.#now, timer.due);
      timer.fn();
    }
    this.#now = time;
  }

  #push(timer: Timer): void {
    const heap = this.#heap;
    let at = heap.push(timer) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!isBefore(timer, heap[parent]!)) break;
      heap[at] = heap[parent]!;
      at = parent;
    }
    heap[at] = timer;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop()!;
    if (heap.length === 0) return;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child += 1;
      if (!isBefore(heap[child]!, last)) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = last;
  }
}

function isBefore(a: Timer, b: Timer): boolean {
  return a.due < b.due || (a.due === b.due && a.order < b.order);
}

/** Resolves when every promise that can settle without a turn has settled. */
function settled(): Promise<void> {
  return new Promise((resolve) => {
    realImmediate(resolve);
  });
}
