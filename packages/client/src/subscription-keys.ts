import { canonicalJson, EventsError } from "@mcp-events/protocol";

/** Which position keys and which callback keys a client's living subscriptions use. */
export class SubscriptionKeys {
  readonly #positions = new Set<string>();
  readonly #callbacks = new Set<string>();

  /**
   * Two subscriptions must not write one position.
   *
   * @returns gives the key back.
   * @throws EventsError `option_invalid` when it is in use.
   */
  position(key: string): () => void {
    if (this.#positions.has(key)) {
      throw new EventsError(
        "option_invalid",
        "id: this client has a subscription to the same type with the same arguments, which would share its stored " +
          "position; give one of them an `id`",
      );
    }
    this.#positions.add(key);
    return () => void this.#positions.delete(key);
  }

  /** A callback key of its own: the position's key, so that a restart finds its URL again, unless that is in use. */
  callback(key: string): { readonly key: string; readonly release: () => void } {
    let free = key;
    for (let count = 2; this.#callbacks.has(free); count += 1) free = canonicalJson([key, count]);
    this.#callbacks.add(free);
    return { key: free, release: () => void this.#callbacks.delete(free) };
  }
}
