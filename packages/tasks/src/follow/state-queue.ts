/** Most states that wait for the iterator. */
const MAX_WAITING = 1_000;

/**
 * States on their way to who iterates. One who is slow gets every state until 1,000 wait, and from then on the latest in
 * place of the last one that waits: each says everything.
 */
export class StateQueue<T> {
  readonly #waiting: T[] = [];
  #ended = false;
  #error: unknown;
  #wake: (() => void)[] = [];

  push(state: T): void {
    if (this.#waiting.length >= MAX_WAITING) this.#waiting.pop();
    this.#waiting.push(state);
    this.#wakeAll();
  }

  /** Nothing more comes; `error` is thrown to who iterates, after what waits. */
  end(error?: unknown): void {
    this.#ended = true;
    this.#error = error;
    this.#wakeAll();
  }

  async next(): Promise<IteratorResult<T, undefined>> {
    for (;;) {
      if (this.#waiting.length > 0) return { done: false, value: this.#waiting.shift() as T };
      if (this.#error !== undefined) throw this.#error;
      if (this.#ended) return { done: true, value: undefined };
      await new Promise<void>((resolve) => {
        this.#wake.push(resolve);
      });
    }
  }

  #wakeAll(): void {
    for (const wake of this.#wake.splice(0)) wake();
  }
}
