import type { DeliveryError, JsonObject, ResequenceOffer, UpstreamPosition } from "@mcp-events/protocol";
import type { Awaitable, Entry } from "../contracts";

/** How far the events of a subscription are settled: accepted, or given up and told of (ORDERING, "Settled"). */
export interface SettledPlace {
  readonly epoch: number;
  /** Everything of the view at or before it is settled. */
  readonly through: number;
  /** Number of the last event of the view at or before `through`; `prev` of the next. */
  readonly last: number;
  /** Numbers after `through` that were given up (ORDERING rule 14). */
  readonly givenUp: readonly number[];
  /** Check-backed types: where the upstream stood at `through`. */
  readonly upstream?: UpstreamPosition | undefined;
}

/** How deliveries of a subscription fare, as its next owner has to know it (HOOK-13, HOOK-14). Times in milliseconds since the epoch. */
export interface StoredHealth {
  /** Delivery waits for a refresh, or for the operator. */
  readonly suspended: boolean;
  readonly lastDeliveryAt?: number | undefined;
  /** Kind of the last failure, when nothing was accepted since. */
  readonly lastError?: DeliveryError | undefined;
  readonly failedSince?: number | undefined;
  /** Attempts and failures that count towards a suspension, since when. */
  readonly window?:
    | { readonly since: number; readonly attempts: number; readonly failures: number }
    | undefined;
}

/** What the owner of a subscription writes: how far it is settled, and how deliveries fare. */
export interface StoredPlace extends SettledPlace {
  readonly health?: StoredHealth | undefined;
}

/** The right to deliver to a subscription, and to write its place. */
export interface Lease {
  readonly token: number;
  /** The record as it was then. */
  readonly subscription: StoredSubscription;
}

/** A webhook subscription, as it is kept (HOOK-3, HOOK-6). Its secrets are never to be logged. */
export interface StoredSubscription {
  readonly id: string;
  readonly principal: string;
  readonly url: string;
  readonly name: string;
  /** As the client sent them. */
  readonly arguments: JsonObject;
  /** The newest first; those that end do so at `until`, in milliseconds since the epoch. */
  readonly secrets: readonly { readonly secret: string; readonly until: number | null }[];
  /** In milliseconds since the epoch; `null`: never. */
  readonly expiresAt: number | null;
  /** What the receiver offered and was granted. */
  readonly resequence?: ResequenceOffer | undefined;
  /**
   * Given by the store with each write of the record: greater than all before of its id, also across a delete. Absent in
   * one that was not stored yet.
   */
  readonly revision?: number | undefined;
}

/** What has to hold for a write of a record; otherwise nothing is written. */
export interface WriteGuard {
  /** The record was not written since it had this revision. */
  readonly revision?: number | undefined;
  /** Nobody leased the subscription since this token was given (ORDERING rule 12). */
  readonly token?: number | undefined;
}

/**
 * Webhook subscriptions, who owns each, and how far each is settled.
 *
 * **Records** are written by whoever answers a request, owner or not: each write names the revision it was made from.
 * **Places** are written by the owner alone, with the token of its lease. A **lease** holds for as long as its owner lives:
 * it says so by {@link renew}, once for all it has.
 */
export interface SubscriptionStore {
  get(id: string): Awaitable<StoredSubscription | undefined>;
  /**
   * Adds a subscription with its first place, leased to `owner`, all or nothing.
   *
   * @returns the lease; `undefined`, and nothing is stored, when there is one of this id, expired or not.
   */
  create(subscription: StoredSubscription, place: StoredPlace, owner: string): Awaitable<Lease | undefined>;
  /**
   * Replaces a record; its place and its lease stay.
   *
   * @returns its new revision; `undefined`, and nothing is stored, when the store has not the `revision` that
   * `subscription` carries, has none of this id, or `token` is not of the latest lease.
   */
  put(subscription: StoredSubscription, token?: number): Awaitable<number | undefined>;
  /**
   * Forgets a subscription, its place and its lease; its owner finds that out by its next write.
   *
   * @returns false, and nothing is forgotten, when `guard` does not hold, or there is none.
   */
  delete(id: string, guard?: WriteGuard): Awaitable<boolean>;
  /**
   * A page of subscriptions in the order of their ids; a shorter one is the last. The engine, not the store, knows
   * which have expired.
   *
   * @param after - The last id of the page before.
   * @param options - `unowned`: only those that no living owner has a lease of.
   */
  page(
    after: string | undefined,
    limit: number,
    options?: { readonly unowned?: boolean | undefined },
  ): Awaitable<readonly StoredSubscription[]>;
  /**
   * Makes `owner` the owner, with a token greater than all before of this id, also across a delete (ORDERING rule 12).
   *
   * @param options - `takeOver`: also from an owner that lives; for stores that only one process uses, where another
   * owner can only be an earlier one.
   * @returns `undefined` when another living owner has it, or there is no such subscription.
   */
  lease(
    id: string,
    owner: string,
    options?: { readonly takeOver?: boolean | undefined },
  ): Awaitable<Lease | undefined>;
  /** Gives a lease back: anybody may take it at once. Nothing happens when `token` is not of the latest lease. */
  release(id: string, token: number): Awaitable<void>;
  /**
   * Says that `owner` lives for `ttlMs` more, and with it all its leases; the first one begins its life.
   *
   * @returns false when its time had run out: it lives again, but others may have taken what it had.
   */
  renew(owner: string, ttlMs: number): Awaitable<boolean>;
  /** Ends an owner: all its leases are given back. */
  retire(owner: string): Awaitable<void>;
  /** How far it is settled; `undefined` when there is none. */
  place(id: string): Awaitable<StoredPlace | undefined>;
  /** Stores the place; false, and nothing is stored, when `token` is not of the latest lease, or it was deleted. */
  savePlace(id: string, token: number, place: StoredPlace): Awaitable<boolean>;
  /**
   * Calls `listener` with the id of each subscription whose record was created, replaced or deleted, or whose lease was
   * given back, by whichever process; the returned function stops it. Places are not told of, nor that an owner's time
   * ran out: for that, {@link page} is asked at intervals.
   */
  watch(listener: (id: string) => void): () => void;
}

/** An event that was given up for one subscription (ORDERING rule 14). */
export interface DeadLetter {
  /** Derived from subscription, epoch and number: writing it twice makes one. */
  readonly id: string;
  readonly subscriptionId: string;
  readonly principal: string;
  readonly url: string;
  /** As the client sent them. */
  readonly arguments: JsonObject;
  readonly log: string;
  readonly epoch: number;
  /** The entry as it stands in the log. */
  readonly entry: Pick<
    Entry,
    "seq" | "name" | "eventId" | "timestamp" | "data" | "orderingKey" | "meta" | "redriveOf"
  >;
  /** When it was given up, in milliseconds since the epoch. */
  readonly at: number;
  readonly attempts: number;
  /** Kind of the last failure (HOOK-14), or `evaluation_failed`: `match` or `transform` failed, and nothing was posted. */
  readonly lastError: string;
}

/** Keeps dead letters until somebody drops or replays them. Bounded as its store says. */
export interface DeadLetterStore {
  /** Resolves when it is as durable as the store promises. */
  add(letter: DeadLetter): Awaitable<void>;
  get(id: string): Awaitable<DeadLetter | undefined>;
  /** Oldest first; a page shorter than `limit` is the last. `after`: the last id of the page before. */
  page(request: {
    readonly subscriptionId?: string | undefined;
    readonly after?: string | undefined;
    readonly limit: number;
  }): Awaitable<readonly DeadLetter[]>;
  /** False when it was not there. */
  delete(id: string): Awaitable<boolean>;
}

/** What webhook delivery keeps. */
export interface WebhookStore {
  readonly subscriptions: SubscriptionStore;
  readonly deadLetters: DeadLetterStore;
  /**
   * Whether several processes use it at once: their servers then renew leases, and look for what others left. False: a
   * server that opens it takes everything over.
   */
  readonly shared: boolean;
}
