/**
 * What is to be called when a signal aborts: one listener a signal, however many wait for it, as thousands of listeners
 * are slow to remove and make Node warn.
 */
export class Cancellations {
  readonly #calls = new WeakMap<AbortSignal, Set<() => void>>();

  add(signal: AbortSignal, call: () => void): void {
    let calls = this.#calls.get(signal);
    if (calls === undefined) {
      const fresh = new Set<() => void>();
      signal.addEventListener("abort", () => callAll(fresh), { once: true });
      this.#calls.set(signal, fresh);
      calls = fresh;
    }
    calls.add(call);
  }

  delete(signal: AbortSignal, call: () => void): void {
    this.#calls.get(signal)?.delete(call);
  }
}

function callAll(calls: Set<() => void>): void {
  for (const call of [...calls]) call();
}
