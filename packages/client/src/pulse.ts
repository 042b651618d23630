/** Wakes everybody who waits: something changed, look again. */
export class Pulse {
  readonly #waiting = new Set<() => void>();

  /** Resolves at the next {@link fire}, or at once when `signal` aborts; never rejects. */
  wait(signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal?.aborted) return resolve();
      const wake = () => {
        this.#waiting.delete(wake);
        signal?.removeEventListener("abort", wake);
        resolve();
      };
      this.#waiting.add(wake);
      signal?.addEventListener("abort", wake, { once: true });
    });
  }

  /** Calls `fn` once, at the next {@link fire}; the returned function takes it back. */
  once(fn: () => void): () => void {
    const wake = () => {
      this.#waiting.delete(wake);
      fn();
    };
    this.#waiting.add(wake);
    return () => this.#waiting.delete(wake);
  }

  fire(): void {
    if (this.#waiting.size === 0) return;
    for (const wake of [...this.#waiting]) wake();
  }
}
