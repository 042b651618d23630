import { Violation } from "./check";

/** Things that come in one by one, kept and read in order. */
export class Inbox<T> {
  readonly all: T[] = [];
  #read = 0;
  #closed: string | undefined;
  #changed: () => void = () => {};

  push(item: T): void {
    this.all.push(item);
    this.#changed();
  }

  /** Passes over what came so far. */
  skip(): void {
    this.#read = this.all.length;
  }

  /** Nothing more will come; the reason stands in the message of readers that still wait. */
  close(reason: string): void {
    this.#closed ??= reason;
    this.#changed();
  }

  /**
   * The next item that was not read yet and is accepted; others before it are passed over.
   *
   * @param ms - Longest wait, in milliseconds.
   * @throws Violation when none comes in time, or none can come any more.
   */
  async next(ms: number, what: string, accept: (item: T) => boolean = () => true): Promise<T> {
    const item = await this.tryNext(ms, accept);
    if (item !== undefined) return item;
    throw new Violation(
      this.#closed === undefined
        ? `${what} did not come within ${ms} ms`
        : `${what} did not come: ${this.#closed}`,
    );
  }

  /** As {@link next}, but `undefined` when none comes. */
  async tryNext(ms: number, accept: (item: T) => boolean = () => true): Promise<T | undefined> {
    const end = performance.now() + ms;
    for (;;) {
      while (this.#read < this.all.length) {
        const item = this.all[this.#read] as T;
        this.#read += 1;
        if (accept(item)) return item;
      }
      const left = end - performance.now();
      if (this.#closed !== undefined || left <= 0) return undefined;
      await this.#change(left);
    }
  }

  #change(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#changed = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
