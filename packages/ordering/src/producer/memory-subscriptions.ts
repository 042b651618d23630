import type { Clock } from "@mcp-events/protocol";
import type { AtOnce } from "./at-once";
import type { Lease, StoredPlace, StoredSubscription, SubscriptionStore, WriteGuard } from "./webhook-store";

interface Kept {
  subscription: StoredSubscription;
  place: StoredPlace;
  /** Of the latest lease. */
  token: number;
  /** Who has it; absent when it was given back. */
  owner: string | undefined;
}

/** Subscriptions in memory. */
export class MemorySubscriptions implements AtOnce<SubscriptionStore> {
  readonly #byId = new Map<string, Kept>();
  /** All ids in order. */
  readonly #ids: string[] = [];
  /** Until when each owner lives. */
  readonly #owners = new Map<string, number>();
  readonly #listeners = new Set<(id: string) => void>();
  /** Tokens and revisions count over all ids, so that one from before a delete is never there again. */
  #count = 0;

  constructor(private readonly clock: Pick<Clock, "now">) {}

  get(id: string): StoredSubscription | undefined {
    return this.#byId.get(id)?.subscription;
  }

  create(subscription: StoredSubscription, place: StoredPlace, owner: string): Lease | undefined {
    const { id } = subscription;
    if (this.#byId.has(id)) return undefined;
    const token = this.#next();
    const kept = { subscription: { ...subscription, revision: this.#next() }, place, token, owner };
    this.#byId.set(id, kept);
    this.#ids.splice(this.#search(id), 0, id);
    this.#changed(id);
    return { token, subscription: kept.subscription };
  }

  put(subscription: StoredSubscription, token?: number): number | undefined {
    const { id, revision } = subscription;
    const kept = this.#byId.get(id);
    if (revision === undefined || !holds(kept, { revision, token })) return undefined;
    const next = this.#next();
    kept.subscription = { ...subscription, revision: next };
    this.#changed(id);
    return next;
  }

  delete(id: string, guard: WriteGuard = {}): boolean {
    if (!holds(this.#byId.get(id), guard)) return false;
    this.#byId.delete(id);
    this.#ids.splice(this.#search(id), 1);
    this.#changed(id);
    return true;
  }

  page(
    after: string | undefined,
    limit: number,
    { unowned = false }: { readonly unowned?: boolean | undefined } = {},
  ): readonly StoredSubscription[] {
    const page: StoredSubscription[] = [];
    let index = after === undefined ? 0 : this.#search(after);
    if (after !== undefined && this.#ids[index] === after) index += 1;
    for (; index < this.#ids.length && page.length < limit; index += 1) {
      const kept = this.#byId.get(this.#ids[index]!)!;
      if (!unowned || !this.#lives(kept.owner)) page.push(kept.subscription);
    }
    return page;
  }

  lease(
    id: string,
    owner: string,
    { takeOver = false }: { readonly takeOver?: boolean | undefined } = {},
  ): Lease | undefined {
    const kept = this.#byId.get(id);
    if (kept === undefined) return undefined;
    if (!takeOver && kept.owner !== owner && this.#lives(kept.owner)) return undefined;
    kept.token = this.#next();
    kept.owner = owner;
    return { token: kept.token, subscription: kept.subscription };
  }

  release(id: string, token: number): void {
    const kept = this.#byId.get(id);
    if (!holds(kept, { token }) || kept.owner === undefined) return;
    kept.owner = undefined;
    this.#changed(id);
  }

  renew(owner: string, ttlMs: number): boolean {
    const now = this.clock.now();
    const until = this.#owners.get(owner);
    this.#owners.set(owner, now + ttlMs);
    return until === undefined || until > now;
  }

  retire(owner: string): void {
    this.#owners.delete(owner);
    for (const [id, kept] of this.#byId) if (kept.owner === owner) this.release(id, kept.token);
  }

  place(id: string): StoredPlace | undefined {
    return this.#byId.get(id)?.place;
  }

  savePlace(id: string, token: number, place: StoredPlace): boolean {
    const kept = this.#byId.get(id);
    if (!holds(kept, { token })) return false;
    kept.place = place;
    return true;
  }

  watch(listener: (id: string) => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  #next(): number {
    this.#count += 1;
    return this.#count;
  }

  #lives(owner: string | undefined): boolean {
    const until = owner === undefined ? undefined : this.#owners.get(owner);
    return until !== undefined && until > this.clock.now();
  }

  #changed(id: string): void {
    for (const listener of this.#listeners) listener(id);
  }

  /** Where `id` is among the ids, or would be. */
  #search(id: string): number {
    let low = 0;
    let high = this.#ids.length;
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      if (this.#ids[middle]! < id) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function holds(kept: Kept | undefined, { revision, token }: WriteGuard): kept is Kept {
  if (kept === undefined) return false;
  if (revision !== undefined && kept.subscription.revision !== revision) return false;
  return token === undefined || kept.token === token;
}
