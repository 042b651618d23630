/** What the tools switch: who may see what, and how often an upstream fails. */
export class Controls {
  readonly #revoked = new Set<string>();
  readonly #failures = new Map<string, number>();

  /** Whether `principal` (`null`: anonymous) has not been shut out of the event type. */
  allows(principal: string | null, name: string): boolean {
    return !this.#revoked.has(pair(principal, name));
  }

  /** Shuts a principal out of an event type; false when it was already. */
  revoke(principal: string | null, name: string): boolean {
    const before = this.#revoked.size;
    return this.#revoked.add(pair(principal, name)).size > before;
  }

  /** Lets a principal in again; false when it was not shut out. */
  restore(principal: string | null, name: string): boolean {
    return this.#revoked.delete(pair(principal, name));
  }

  /** The next `times` checks of the event type's upstream fail; 0 mends it. */
  failUpstream(name: string, times: number): void {
    if (times === 0) this.#failures.delete(name);
    else this.#failures.set(name, times);
  }

  /** Called by an upstream before it answers. @throws Error while failures were asked for. */
  upstreamAsked(name: string): void {
    const left = this.#failures.get(name);
    if (left === undefined) return;
    this.failUpstream(name, left - 1);
    throw new Error(`the upstream of ${name} fails because fail_upstream asked for it (${left - 1} more)`);
  }
}

function pair(principal: string | null, name: string): string {
  return JSON.stringify([principal, name]);
}
