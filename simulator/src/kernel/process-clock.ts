import type { Clock } from "@mcp-events/protocol";
import type { EventLoop } from "./event-loop";

/** When every run begins, in milliseconds since the epoch. */
const START = 1_700_000_000_000;

/** The clock of one machine, which may be wrong. */
export interface Skew {
  ms: number;
}

/** What a process has of time: its machine's clock, and timers that end with it. */
export class ProcessClock implements Clock {
  #alive = true;

  constructor(
    private readonly loop: EventLoop,
    private readonly skew: Skew,
  ) {}

  get alive(): boolean {
    return this.#alive;
  }

  now(): number {
    return START + this.loop.now + this.skew.ms;
  }

  after(ms: number, fn: () => void): () => void {
    if (!this.#alive) return () => {};
    return this.loop.after(ms, () => {
      if (this.#alive) fn();
    });
  }

  /** Resolves after `ms`, if the process is still there. */
  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => void this.after(ms, resolve));
  }

  /** The process is no more: nothing it waited for happens. */
  kill(): void {
    this.#alive = false;
  }
}
