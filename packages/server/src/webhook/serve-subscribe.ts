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
import { startOf } from "../subscriptions/start-of";
import {
  forbidden,
  isAllowed,
  readSubscription,
  requireBoundedArguments,
  type Subscription,
} from "../subscriptions/subscription";
import { parseRequest } from "../wire/requests";
import { expiryOf, resequenceGrant, rotated, secretsAt } from "./grant";
import { holding } from "./holding";
import { requirePrincipal } from "./require-principal";
import { requireOpen, takeIn } from "./take-in";
import type { WebhookSubscription } from "./webhook-subscription";
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
  requireEndpoint(webhooks, params);
  const { name, arguments: args, delivery } = params;
  const id = await subscriptionId({ principal, url: delivery.url, name, arguments: args });
  return webhooks.inTurn(id, async () => {
    const subscription = await readSubscription(
      engine.registry,
      METHODS.subscribe,
      "webhook",
      request,
      params,
    );
    if (!(await isAllowed(subscription))) throw forbidden(subscription);
    engine.registry.requireCurrent(subscription.type);
    const { meta, signal } = request;
    const asked: Asked = { id, principal, subscription, params, meta, signal };
    const known = await living(webhooks, asked);
    return known === undefined ? begin(webhooks, asked) : refresh(webhooks, known, asked);
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

/** The subscription of the key, taken up from an earlier process if need be; `undefined` when it is to begin. */
async function living(
  webhooks: Webhooks,
  { id, subscription }: Asked,
): Promise<WebhookSubscription | undefined> {
  if (!webhooks.has(id)) return webhooks.restored.claim(id, webhooks.settings.startDelayMs);
  const known = webhooks.find(id);
  return known?.subscription.type.registration === subscription.type.registration ? known : undefined;
}

/** @throws WireError why the subscription ended meanwhile. */
async function refresh(webhooks: Webhooks, known: WebhookSubscription, asked: Asked): Promise<JsonObject> {
  const { subscriptions } = webhooks.store;
  const stored = storedAs(webhooks, asked, known.stored);
  await verify(webhooks, stored, asked.signal);
  known.requireAlive();
  await subscriptions.put(stored);
  const { status } = known;
  try {
    known.requireAlive();
    await known.refresh(asked.subscription, stored);
    known.requireAlive();
  } catch (error) {
    if (known.ended && !webhooks.has(stored.id)) await subscriptions.delete(stored.id);
    throw error;
  }
  webhooks.expires(known);
  return { ...answer(known, known.truncated), deliveryStatus: status };
}

async function begin(webhooks: Webhooks, asked: Asked): Promise<JsonObject> {
  const { store, settings } = webhooks;
  const { subscription } = asked;
  await webhooks.clear(asked.id);
  const stored = storedAs(webhooks, asked, undefined);
  return holding(webhooks, subscription, {
    check: async () => {
      await verify(webhooks, stored, asked.signal);
      requireWanted(webhooks, asked);
    },
    make: async ({ group, release }) => {
      const start = await startOf(webhooks.engine, subscription.type, group, asked.params);
      requireWanted(webhooks, asked);
      await store.subscriptions.delete(stored.id);
      await store.subscriptions.put(stored);
      try {
        const token = await store.subscriptions.takeOver(stored.id);
        const { epoch, after: through, last = through, upstream } = start;
        // What follows is delivered, whoever goes on with it.
        await store.subscriptions.savePlace(stored.id, token, {
          epoch,
          through,
          last,
          givenUp: [],
          upstream,
        });
        const parts = { stored, subscription, start, token, group, release };
        const made = await takeIn(webhooks, parts, settings.startDelayMs);
        return answer(made, start.truncated);
      } catch (error) {
        await store.subscriptions.delete(stored.id);
        throw error;
      }
    },
  });
}

/** @throws WireError when nobody waits for the answer any more. */
function requireWanted(webhooks: Webhooks, { signal }: Asked): void {
  requireOpen(webhooks);
  if (signal.aborted) throw new WireError("InternalError", "The request was cancelled");
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
    expiresAt: expiryOf(ttlMs, settings, webhooks.durable, now),
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
    truncated: truncated && made.subscription.type.replay,
    _meta: meta,
  };
}
