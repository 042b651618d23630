import type { StoredPlace, StoredSubscription, WriteGuard } from "@mcp-events/ordering";
import type { Sealed, Sealing } from "./sealing";

/** A subscription whose secrets nobody reads without the key. */
export type SealedSubscription = Omit<StoredSubscription, "secrets"> & { readonly secrets: Sealed };

/** A subscription as its bucket has it: the record, who owns it, and the place it began at. */
export interface SubscriptionRecord {
  /** Absent once it was deleted: then only `count` and `deletedAt` count. */
  readonly subscription?: SealedSubscription | undefined;
  /** The place that it began at. */
  readonly place?: StoredPlace | undefined;
  /** The token that it was made with: places of older ones are of a subscription that was deleted. */
  readonly born: number;
  /** Of the latest lease. */
  readonly token: number;
  /** Who has it; absent when it was given back. */
  readonly owner?: string | undefined;
  /** The greatest token or revision so far. */
  readonly count: number;
  readonly deletedAt?: number | undefined;
}

/** A record that was not deleted. */
export interface LiveRecord extends SubscriptionRecord {
  readonly subscription: SealedSubscription;
  readonly place: StoredPlace;
}

export function isLive(record: SubscriptionRecord | undefined): record is LiveRecord {
  return record?.subscription !== undefined;
}

/** Whether a write may be done. */
export function holds(record: LiveRecord, { revision, token }: WriteGuard): boolean {
  if (revision !== undefined && record.subscription.revision !== revision) return false;
  return token === undefined || record.token === token;
}

/** Greater than every token and revision of the key before, also when what was there is forgotten. */
export function nextCount(record: SubscriptionRecord | undefined, now: number): number {
  return Math.max((record?.count ?? 0) + 1, now * 1_024);
}

/** The record as it is stored: with its secrets sealed. */
export function sealed(subscription: StoredSubscription, sealing: Sealing): SealedSubscription {
  const { secrets, id } = subscription;
  return { ...subscription, secrets: sealing.seal(secrets, id) };
}

/** The record as the engine knows it. */
export function opened(subscription: SealedSubscription, sealing: Sealing): StoredSubscription {
  const { secrets, id } = subscription;
  return { ...subscription, secrets: sealing.open(secrets, id) };
}
