type Listener = (names: ReadonlySet<string>) => void;

/** Who is told of new entries. */
export class Listeners {
  readonly #listeners = new Set<Listener>();

  add(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  /** A listener's failure is its own. */
  tell(names: ReadonlySet<string>): void {
    for (const listener of this.#listeners) {
      try {
        listener(names);
      } catch {}
    }
  }

  clear(): void {
    this.#listeners.clear();
  }
}
