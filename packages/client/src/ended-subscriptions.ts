import type { Subscription } from "./subscription";

/**
 * Subscriptions that ended with items left to hand out or to commit, by the key of their position: they are closed before
 * another one takes the position over, or its commits and theirs would overwrite each other (ORD-9).
 */
export class EndedSubscriptions {
  readonly #byKey = new Map<string, Set<Subscription>>();

  add(key: string, subscription: Subscription): void {
    const ended = this.#byKey.get(key) ?? new Set();
    this.#byKey.set(key, ended.add(subscription));
  }

  /** Nothing of it is left. */
  delete(key: string, subscription: Subscription): void {
    const ended = this.#byKey.get(key);
    ended?.delete(subscription);
    if (ended?.size === 0) this.#byKey.delete(key);
  }

  /** Closes those of a key; what they did not commit is left to who comes after them. */
  async close(key: string): Promise<void> {
    const ended = [...(this.#byKey.get(key) ?? [])];
    this.#byKey.delete(key);
    await Promise.allSettled(ended.map((one) => one.close()));
  }

  async closeAll(): Promise<void> {
    await Promise.all([...this.#byKey.keys()].map((key) => this.close(key)));
  }
}
