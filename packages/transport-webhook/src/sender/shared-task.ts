/** Work that several wait for: each may leave, and when all have left, it is broken off. */
export class SharedTask<T> {
  readonly #abort = new AbortController();
  readonly #result: Promise<T>;
  #waiting = 0;

  /** @param over - Called when nobody should join any more. */
  constructor(
    work: (signal: AbortSignal) => Promise<T>,
    private readonly over: () => void,
  ) {
    this.#result = work(this.#abort.signal);
    this.#result.then(over, over);
  }

  /** Waits for the result; rejects with the signal's reason when that aborts. */
  join(signal: AbortSignal): Promise<T> {
    this.#waiting += 1;
    return new Promise((resolve, reject) => {
      const leave = () => {
        this.#waiting -= 1;
        if (this.#waiting === 0) this.#breakOff();
        reject(signal.reason);
      };
      if (signal.aborted) {
        leave();
        return;
      }
      signal.addEventListener("abort", leave, { once: true });
      const stay = () => signal.removeEventListener("abort", leave);
      this.#result.finally(stay).then(resolve, reject);
    });
  }

  #breakOff(): void {
    this.over();
    this.#abort.abort();
  }
}
