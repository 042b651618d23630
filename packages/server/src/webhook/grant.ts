import type { StoredSubscription } from "@mcp-events/ordering";
import type { ResequenceOffer } from "@mcp-events/protocol";
import type { WebhookSettings } from "./options";

/**
 * The lifetime granted (HOOK-6), as the time at which it ends, in milliseconds since the epoch: at most what was asked
 * for, or the floor. `null` asks for no expiry, and gets it from a durable store only.
 */
export function expiryOf(
  ttlMs: number | null | undefined,
  settings: WebhookSettings,
  durable: boolean,
  now: number,
): number | null {
  const { defaultTtlMs, minTtlMs, maxTtlMs } = settings;
  if (ttlMs === null) return durable ? null : now + maxTtlMs;
  const asked = ttlMs ?? defaultTtlMs;
  return now + Math.floor(Math.min(Math.max(asked, minTtlMs), maxTtlMs));
}

/** What is granted of a receiver's offer to put deliveries in order (ORDERING rules 10 and 23). */
export function resequenceGrant(
  offer: ResequenceOffer | undefined,
  { maxWindow, maxHoldMs }: WebhookSettings,
): ResequenceOffer | undefined {
  if (offer === undefined) return undefined;
  return { window: Math.min(offer.window, maxWindow), holdMs: Math.min(offer.holdMs, maxHoldMs) };
}

/** The secrets after a client gave `secret`: the one before goes on signing for a while (HOOK-4). */
export function rotated(
  secrets: StoredSubscription["secrets"],
  secret: string,
  graceMs: number,
  now: number,
): StoredSubscription["secrets"] {
  const before = secrets
    .filter((one) => one.secret !== secret && (one.until === null || one.until > now))
    .map((one) => ({ secret: one.secret, until: one.until ?? now + graceMs }));
  return [{ secret, until: null }, ...before.slice(0, MAX_OLD_SECRETS)];
}

/** Signatures beside the newest at most: a client that rotates with every refresh must not grow the header. */
const MAX_OLD_SECRETS = 3;

/** The secrets that sign now, the newest first. */
export function secretsAt(secrets: StoredSubscription["secrets"], now: number): string[] {
  return secrets.filter(({ until }) => until === null || until > now).map(({ secret }) => secret);
}
