import type { JsonObject, ResequenceOffer, UpstreamPosition } from "@mcp-events/protocol";
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
}

/** Webhook subscriptions and how far each is settled. */
export interface SubscriptionStore {
  get(id: string): Awaitable<StoredSubscription | undefined>;
  /** Adds a subscription, or replaces it; its place stays. */
  put(subscription: StoredSubscription): Awaitable<void>;
  /** Forgets a subscription and its place. */
  delete(id: string): Awaitable<void>;
  /**
   * A page of all subscriptions, in the order of their ids; a shorter one is the last. The engine, not the store, knows
   * which have expired.
   *
   * @param after - The last id of the page before.
   */
  page(after: string | undefined, limit: number): Awaitable<readonly StoredSubscription[]>;
  /** Makes the caller the owner: resolves with a token greater than all before (ORDERING rule 12). */
  takeOver(id: string): Awaitable<number>;
  /** How far it is settled; `undefined` before there is a place. */
  place(id: string): Awaitable<SettledPlace | undefined>;
  /** Stores the place; false, and nothing is stored, when another owner took over since `token`, or it was deleted. */
  savePlace(id: string, token: number, place: SettledPlace): Awaitable<boolean>;
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
}
