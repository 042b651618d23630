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

  fire(): void {
    for (const wake of [...this.#waiting]) wake();
  }
}
