import type { PositionStore, StoredPosition } from "@mcp-events/ordering";

/** Stores one subscription's position: one write at a time, and each takes whatever is committed when it starts. */
export class PositionWriter {
  #writing: Promise<void> | undefined;
  #next: Promise<void> | undefined;
  #stored: string | undefined;

  constructor(
    private readonly store: PositionStore,
    private readonly key: string,
    private readonly snapshot: () => StoredPosition,
  ) {}

  /** Resolves when everything committed before the call is stored; rejects as the store does. */
  save(): Promise<void> {
    if (this.#writing === undefined) return this.#write();
    this.#next ??= this.#writing
      .catch(() => {})
      .then(() => {
        this.#next = undefined;
        return this.save();
      });
    return this.#next;
  }

  #write(): Promise<void> {
    this.#writing = this.#put().finally(() => {
      this.#writing = undefined;
    });
    return this.#writing;
  }

  async #put(): Promise<void> {
    const position = this.snapshot();
    const text = JSON.stringify(position);
    if (text === this.#stored) return;
    await this.store.set(this.key, position);
    this.#stored = text;
  }
}
