import type { Clock } from "@mcp-events/protocol";

/** A clock that knows how many of its timers are set. */
export class CountingClock implements Clock {
  #pending = 0;

  constructor(private readonly clock: Clock) {}

  /** Number of timers that are set and have neither fired nor been cancelled. */
  get pending(): number {
    return this.#pending;
  }

  now(): number {
    return this.clock.now();
  }

  after(ms: number, fn: () => void): () => void {
    let set = true;
    const end = () => {
      if (!set) return false;
      set = false;
      this.#pending -= 1;
      return true;
    };
    this.#pending += 1;
    const cancel = this.clock.after(ms, () => {
      if (end()) fn();
    });
    return () => {
      if (end()) cancel();
    };
  }
}
