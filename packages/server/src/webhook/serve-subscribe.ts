import {
  type HostRequest,
  type JsonObject,
  METHODS,
  type SubscribeParams,
  subscribeParamsSchema,
  WireError,
  webhookKey,
} from "@mcp-events/protocol";
import { startOf } from "../subscriptions/start-of";
import {
  forbidden,
  isAllowed,
  readSubscription,
  requireBoundedArguments,
} from "../subscriptions/subscription";
import { parseRequest } from "../wire/requests";
import { type Asked, storedAs, subscribeResult, verify } from "./asked";
import { holding } from "./holding";
import { refreshElsewhere } from "./refresh-elsewhere";
import { requirePrincipal } from "./require-principal";
import { ELSEWHERE } from "./restore";
import { requireOpen, takeIn } from "./take-in";
import type { WebhookSubscription } from "./webhook-subscription";
import type { Webhooks } from "./webhooks";

const MAX_TRIES = 8;

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
  const id = await webhooks.idOf({ principal, url: delivery.url, name, arguments: args });
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
    return answerFor(webhooks, { id, principal, subscription, params, meta, signal });
  });
}

/** Other servers may begin, refresh or end the same one meanwhile: then what is to be done is another thing. */
async function answerFor(webhooks: Webhooks, asked: Asked): Promise<JsonObject> {
  for (let tries = 0; tries < MAX_TRIES; tries += 1) {
    const known = await living(webhooks, asked);
    const answered =
      known === undefined
        ? await begin(webhooks, asked)
        : known === ELSEWHERE
          ? await refreshElsewhere(webhooks, asked)
          : await refresh(webhooks, known, asked);
    if (answered !== undefined) return answered;
  }
  throw new WireError("InternalError", "The subscription changes all the time; try again");
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
): Promise<WebhookSubscription | typeof ELSEWHERE | undefined> {
  if (!webhooks.has(id)) return webhooks.restored.claim(id, webhooks.settings.startDelayMs);
  const known = webhooks.find(id);
  return known?.subscription.type.registration === subscription.type.registration ? known : undefined;
}

/**
 * `undefined` when the record is not what it was.
 *
 * @throws WireError why the subscription ended meanwhile.
 */
async function refresh(
  webhooks: Webhooks,
  known: WebhookSubscription,
  asked: Asked,
): Promise<JsonObject | undefined> {
  const { subscriptions } = webhooks.store;
  const wanted = storedAs(webhooks, asked, known.stored);
  await verify(webhooks, wanted, asked.signal);
  known.requireAlive();
  const revision = await subscriptions.put(wanted, known.guard.token);
  if (revision === undefined) {
    await putRefused(webhooks, known);
    return undefined;
  }
  const stored = { ...wanted, revision };
  const { status } = known;
  try {
    known.requireAlive();
    await known.refresh(asked.subscription, stored);
    known.requireAlive();
  } catch (error) {
    if (known.ended && !webhooks.has(stored.id)) await subscriptions.delete(stored.id, { revision });
    throw error;
  }
  webhooks.expires(known);
  return { ...subscribeResult(known, known.truncated), deliveryStatus: status };
}

/** Another server wrote the record, which this one takes over, or owns the subscription. */
async function putRefused(webhooks: Webhooks, known: WebhookSubscription): Promise<void> {
  const stored = await webhooks.store.subscriptions.get(known.id);
  if (stored === undefined || stored.revision === known.stored.revision) webhooks.fenced(known);
  else await known.refresh(known.subscription, stored);
}

/** `undefined` when another server was faster. */
async function begin(webhooks: Webhooks, asked: Asked): Promise<JsonObject | undefined> {
  const { store, settings, owner } = webhooks;
  const { subscription, id } = asked;
  await webhooks.clear(id);
  const wanted = storedAs(webhooks, asked, undefined);
  const making = holding(webhooks, subscription, {
    check: async () => {
      await verify(webhooks, wanted, asked.signal);
      requireWanted(webhooks, asked);
    },
    make: async ({ group, release }) => {
      const start = await startOf(webhooks.engine, subscription.type, group, asked.params);
      requireWanted(webhooks, asked);
      await owner.begin();
      const { epoch, after: through, last = through, upstream } = start;
      // What follows is delivered, whoever goes on with it.
      const place = { epoch, through, last, givenUp: [], upstream };
      await forgetExpired(webhooks, id);
      const { term } = owner;
      const lease = await store.subscriptions.create(wanted, place, owner.id);
      if (lease === undefined) throw new AnotherBegan();
      const { token, subscription: stored } = lease;
      try {
        const parts = { stored, subscription, start, token, term, group, release };
        const made = await takeIn(webhooks, parts, settings.startDelayMs);
        return subscribeResult(made, start.truncated);
      } catch (error) {
        await store.subscriptions.delete(id, { token });
        throw error;
      }
    },
  });
  return making.catch((error: unknown) => {
    if (error instanceof AnotherBegan) return undefined;
    throw error;
  });
}

class AnotherBegan extends Error {}

/** One of the key that nobody can refresh any more. */
async function forgetExpired({ store, engine }: Webhooks, id: string): Promise<void> {
  const before = await store.subscriptions.get(id);
  if (before === undefined) return;
  const { revision, expiresAt } = before;
  const isOver = expiresAt !== null && expiresAt <= engine.clock.now();
  if (isOver) await store.subscriptions.delete(id, { revision });
}

/** @throws WireError when nobody waits for the answer any more. */
function requireWanted(webhooks: Webhooks, { signal }: Asked): void {
  requireOpen(webhooks);
  if (signal.aborted) throw new WireError("InternalError", "The request was cancelled");
}
