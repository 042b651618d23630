import type { StoredPlace, SubscriptionStore } from "@mcp-events/ordering";

/**
 * Stores how far one subscription is settled: one write at a time, always the newest. Every write carries the owner's
 * token (ORDERING rule 12).
 */
export class PlaceSaver {
  #saving: Promise<void> | undefined;
  #next: StoredPlace | undefined;

  constructor(
    private readonly store: SubscriptionStore,
    private readonly id: string,
    private readonly token: number,
    /** Called once when another owner took over: this one must not go on. */
    private readonly onFenced: () => void,
    /** Told when a write fails; the next one carries what it missed. */
    private readonly onError: (error: unknown) => void,
  ) {}

  /** Stores a place; at once where the store answers at once. */
  save(place: StoredPlace): void {
    if (this.#saving !== undefined) {
      this.#next = place;
      return;
    }
    try {
      const saved = this.store.savePlace(this.id, this.token, place);
      if (saved instanceof Promise) this.#saving = this.#finish(saved);
      else if (!saved) this.onFenced();
    } catch (error) {
      this.onError(error);
    }
  }

  /** Resolves when nothing is being stored. */
  async idle(): Promise<void> {
    while (this.#saving !== undefined) await this.#saving;
  }

  async #finish(saved: Promise<boolean>): Promise<void> {
    try {
      if (!(await saved)) this.onFenced();
    } catch (error) {
      this.onError(error);
    } finally {
      this.#saving = undefined;
      const next = this.#next;
      this.#next = undefined;
      if (next !== undefined) this.save(next);
    }
  }
}
