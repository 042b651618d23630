const MAX_NAMES = 10_000;

/** The number of the last entry of each event type, be it gone by now. */
export class LastOfNames {
  readonly #seqs = new Map<string, number>();
  #others = 0;

  /** No type that was forgotten has an entry after this number. */
  get others(): number {
    return this.#others;
  }

  note(name: string, seq: number): void {
    this.#seqs.delete(name);
    this.#seqs.set(name, seq);
    if (this.#seqs.size <= MAX_NAMES) return;
    const [oldest] = this.#seqs;
    this.#seqs.delete(oldest![0]);
    this.noteOthers(oldest![1]);
  }

  noteOthers(seq: number): void {
    this.#others = Math.max(this.#others, seq);
  }

  all(): { name: string; seq: number }[] {
    return [...this.#seqs].map(([name, seq]) => ({ name, seq }));
  }
}
