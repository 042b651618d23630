import type { StoredSubscription } from "@mcp-events/ordering";
import {
  type HostRequest,
  type JsonObject,
  METHODS,
  ORDERING_EXTENSION,
  readOrdering,
  resequenceOfferSchema,
  type SubscribeParams,
  subscribeParamsSchema,
  subscriptionId,
  WireError,
  webhookKey,
} from "@mcp-events/protocol";
import { findStart, pastHole, type Start } from "../subscriptions/start";
import {
  forbidden,
  isAllowed,
  readSubscription,
  requireBoundedArguments,
  type Subscription,
  subscriptionInfo,
  unsubscribed,
} from "../subscriptions/subscription";
import { parseRequest } from "../wire/requests";
import { expiryOf, resequenceGrant, rotated, secretsAt } from "./grant";
import { requirePrincipal } from "./require-principal";
import { WebhookSubscription } from "./webhook-subscription";
import type { Webhooks } from "./webhooks";

/** A request to subscribe, checked and authorized. */
interface Asked {
  readonly id: string;
  readonly principal: string;
  readonly subscription: Subscription;
  readonly params: SubscribeParams;
  readonly meta: JsonObject | undefined;
  readonly signal: AbortSignal;
}

/**
 * Answers `events/subscribe`: a new subscription, or the refresh of one with the same key (HOOK-1 to HOOK-8).
 *
 * @throws WireError as the contract names them.
 */
export async function serveSubscribe(webhooks: Webhooks, request: HostRequest): Promise<JsonObject> {
  const { engine } = webhooks;
  requireBoundedArguments(METHODS.subscribe, request.params, engine.options.maxArgumentBytes);
  const params = parseRequest(METHODS.subscribe, subscribeParamsSchema, request.params);
  const principal = requirePrincipal(request);
  const reading = readSubscription(engine.registry, METHODS.subscribe, "webhook", request, params);
  const subscription = await reading;
  requireEndpoint(webhooks, params);
  if (!(await isAllowed(subscription))) throw forbidden(subscription);
  engine.registry.requireCurrent(subscription.type);
  const { name, arguments: args, delivery } = params;
  const id = await subscriptionId({ principal, url: delivery.url, name, arguments: args });
  const asked: Asked = { id, principal, subscription, params, meta: request.meta, signal: request.signal };
  return webhooks.inTurn(id, async () => {
    const known = webhooks.find(id);
    if (known === undefined) return begin(webhooks, asked);
    return refresh(webhooks, known, asked);
  });
}

function requireEndpoint(webhooks: Webhooks, { delivery }: SubscribeParams): void {
  webhooks.sender.requireUrl(delivery.url);
  if (webhookKey(delivery.secret) !== undefined) return;
  throw new WireError(
    "InvalidParams",
    `${METHODS.subscribe}: delivery.secret: must be "whsec_" and base64 of 24 to 64 bytes`,
  );
}

async function refresh(webhooks: Webhooks, known: WebhookSubscription, asked: Asked): Promise<JsonObject> {
  const stored = storedAs(webhooks, asked, known.stored);
  await verify(webhooks, stored, asked.signal);
  await webhooks.store.subscriptions.put(stored);
  const { status } = known;
  await known.refresh(asked.subscription, stored);
  webhooks.expires(known);
  return { ...answer(known, false), deliveryStatus: status };
}

/** Everything a subscription needs before it starts; what one step took is given back whatever happens after it. */
async function begin(webhooks: Webhooks, asked: Asked): Promise<JsonObject> {
  const { engine } = webhooks;
  const { subscription, principal } = asked;
  await webhooks.clear(asked.id);
  const giveBack = engine.limiter.reserve(principal);
  const upstream = engine.upstreams.retain(subscription);
  const release = () => {
    upstream?.release();
    giveBack();
  };
  try {
    const stored = storedAs(webhooks, asked, undefined);
    await verify(webhooks, stored, asked.signal);
    await subscription.type.options.onSubscribe?.(subscriptionInfo(subscription));
    try {
      const start = await startOf(webhooks, asked, upstream?.group);
      return await admit(webhooks, asked, stored, start, release);
    } catch (error) {
      await unsubscribed(subscription, engine.logger);
      throw error;
    }
  } catch (error) {
    release();
    throw error;
  }
}

async function admit(
  webhooks: Webhooks,
  { subscription, signal }: Asked,
  stored: StoredSubscription,
  start: Start,
  release: () => void,
): Promise<JsonObject> {
  const { engine, store, settings } = webhooks;
  engine.registry.requireCurrent(subscription.type);
  if (engine.closing.aborted) throw new WireError("InternalError", "The server is closing");
  if (signal.aborted) throw new WireError("InternalError", "The request was cancelled");
  await store.subscriptions.delete(stored.id);
  await store.subscriptions.put(stored);
  const token = await store.subscriptions.takeOver(stored.id);
  const made = new WebhookSubscription(webhooks, { stored, subscription, start, token, release });
  await made.prepare();
  webhooks.add(made, settings.startDelayMs);
  return answer(made, subscription.type.replay && start.truncated);
}

async function startOf(
  webhooks: Webhooks,
  { subscription, params }: Asked,
  group: Parameters<typeof findStart>[0]["group"],
): Promise<Start> {
  const { engine } = webhooks;
  const { replay, logName, name } = subscription.type;
  const log = engine.logOf(logName);
  const found = await findStart({
    log,
    group,
    cursor: replay ? params.cursor : null,
    maxAgeMs: params.maxAgeMs,
    now: engine.clock.now(),
    durable: engine.options.store.durable,
  });
  return pastHole(await log.open(), name, found);
}

/** The subscription as it is kept from now on. */
function storedAs(
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
    expiresAt: expiryOf(ttlMs, settings, engine.options.store.durable, now),
    resequence: resequenceGrant(offer, settings),
  };
}

/** Before the first delivery the endpoint says that it wants them (HOOK-7). */
async function verify(webhooks: Webhooks, stored: StoredSubscription, signal: AbortSignal): Promise<void> {
  const { id, url, principal, secrets } = stored;
  const target = { url, principal, subscriptionId: id, secrets: secretsAt(secrets, 0) };
  await webhooks.sender.verify(target, signal);
}

/** The result, of a new subscription as of a refresh: positions are settled ones only (HOOK-10). */
function answer(made: WebhookSubscription, truncated: boolean): JsonObject {
  const { expiresAt, resequence } = made.stored;
  const meta = made.positionMeta;
  const position = meta[ORDERING_EXTENSION] as JsonObject;
  if (resequence !== undefined) position.resequence = { ...resequence };
  return {
    resultType: "complete",
    id: made.id,
    refreshBefore: expiresAt === null ? null : new Date(expiresAt).toISOString(),
    cursor: made.cursor,
    truncated,
    _meta: meta,
  };
}
