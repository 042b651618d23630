/** Waits between attempts: exponential, half of each random, counted in failures in a row. */
export class Backoff {
  #failures = 0;

  constructor(
    private readonly options: { readonly initialMs: number; readonly maxMs: number },
    private readonly random: () => number,
  ) {}

  /** Failures since the last success. */
  get failures(): number {
    return this.#failures;
  }

  /** Counts a failure; returns how long to wait, in milliseconds. */
  failed(): number {
    const { initialMs, maxMs } = this.options;
    const full = Math.min(maxMs, initialMs * 2 ** Math.min(this.#failures, 31));
    this.#failures += 1;
    return full / 2 + (this.random() * full) / 2;
  }

  /** Something works: the next failure is the first one again. */
  succeeded(): void {
    this.#failures = 0;
  }
}
