import type { StoredSubscription } from "@mcp-events/ordering";
import {
  type JsonObject,
  ORDERING_EXTENSION,
  readOrdering,
  resequenceOfferSchema,
  type SubscribeParams,
} from "@mcp-events/protocol";
import type { Subscription } from "../subscriptions/subscription";
import { expiryOf, resequenceGrant, rotated, secretsAt } from "./grant";
import type { Webhooks } from "./webhooks";

/** A request to subscribe, checked and authorized. */
export interface Asked {
  readonly id: string;
  readonly principal: string;
  readonly subscription: Subscription;
  readonly params: SubscribeParams;
  readonly meta: JsonObject | undefined;
  readonly signal: AbortSignal;
}

/** The subscription as it is kept from now on. */
export function storedAs(
  webhooks: Webhooks,
  { id, principal, params, meta }: Asked,
  before: StoredSubscription | undefined,
): StoredSubscription {
  const { settings, engine } = webhooks;
  const now = engine.clock.now();
  const { name, arguments: args, delivery, ttlMs } = params;
  const offer = readOrdering(meta, resequenceOfferSchema)?.resequence;
  return {
    id,
    principal,
    url: delivery.url,
    name,
    arguments: args,
    secrets: rotated(before?.secrets ?? [], delivery.secret, settings.secretGraceMs, now),
    expiresAt: expiryOf(ttlMs, settings, webhooks.durable, now),
    resequence: resequenceGrant(offer, settings),
    revision: before?.revision,
  };
}

/** Before the first delivery the endpoint says that it wants them (HOOK-7). */
export async function verify(
  webhooks: Webhooks,
  stored: StoredSubscription,
  signal: AbortSignal,
): Promise<void> {
  const { id, url, principal, secrets } = stored;
  const target = { url, principal, subscriptionId: id, secrets: secretsAt(secrets, 0) };
  await webhooks.sender.verify(target, signal);
}

/** What a result says of a subscription. */
export interface ResultParts {
  readonly stored: StoredSubscription;
  readonly subscription: Subscription;
  /** The settled cursor. */
  readonly cursor: string | null;
  /** `_meta` with the settled position. */
  readonly positionMeta: JsonObject;
}

/** The result, of a new subscription as of a refresh: positions are settled ones only (HOOK-10). */
export function subscribeResult(of: ResultParts, truncated: boolean): JsonObject {
  const { id, expiresAt, resequence } = of.stored;
  const meta = of.positionMeta;
  const position = meta[ORDERING_EXTENSION] as JsonObject;
  if (resequence !== undefined) position.resequence = { ...resequence };
  return {
    resultType: "complete",
    id,
    refreshBefore: expiresAt === null ? null : new Date(expiresAt).toISOString(),
    cursor: of.cursor,
    truncated: truncated && of.subscription.type.replay,
    _meta: meta,
  };
}
