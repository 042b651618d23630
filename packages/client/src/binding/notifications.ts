import type { JsonObject } from "@mcp-events/protocol";

/** Listeners by notification method. */
export class NotificationListeners {
  readonly #listeners = new Map<string, Set<(params: JsonObject) => void>>();

  /** Adds a listener; the returned function takes it away again. */
  add(method: string, fn: (params: JsonObject) => void): () => void {
    const set = this.#listeners.get(method) ?? new Set();
    this.#listeners.set(method, set.add(fn));
    return () => {
      set.delete(fn);
      if (set.size === 0 && this.#listeners.get(method) === set) this.#listeners.delete(method);
    };
  }

  has(method: string): boolean {
    return this.#listeners.has(method);
  }

  notify(method: string, params: JsonObject): void {
    const listeners = this.#listeners.get(method);
    if (listeners === undefined) return;
    for (const fn of [...listeners]) fn(params);
  }
}
