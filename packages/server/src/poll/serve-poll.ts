import {
  type HostRequest,
  type JsonObject,
  METHODS,
  type PollParams,
  pollParamsSchema,
  WireError,
} from "@mcp-events/protocol";
import type { Engine } from "../engine";
import { Feed } from "../subscriptions/feed";
import { finished, isFinished } from "../subscriptions/finished";
import type { Lease } from "../subscriptions/leases";
import { findStart, type Start } from "../subscriptions/start";
import {
  forbidden,
  isAllowed,
  readSubscription,
  requireBoundedArguments,
  type Subscription,
} from "../subscriptions/subscription";
import { SubscriptionObserver } from "../subscriptions/subscription-observer";
import { parseRequest } from "../wire/requests";
import { collectPage, type PollPage } from "./collect";
import { waitForNews } from "./long-poll";

/**
 * Answers `events/poll` (POLL-1 to POLL-7).
 *
 * @throws WireError as the contract names them.
 */
export async function servePoll(engine: Engine, request: HostRequest): Promise<JsonObject> {
  requireBoundedArguments(METHODS.poll, request.params, engine.options.maxArgumentBytes);
  const params = parseRequest(METHODS.poll, pollParamsSchema, request.params);
  const reading = readSubscription(engine.registry, METHODS.poll, "poll", request, params);
  const subscription = await reading.catch((error: unknown) => {
    if (WireError.is(error) && error.error === "NotFound") {
      engine.leases.forgetEnded(request.principal, params.name, params.arguments);
    }
    throw error;
  });
  await requireAllowed(engine, subscription);
  engine.registry.requireCurrent(subscription.type);
  const lease = await engine.leases.enter(subscription, params.cursor === null);
  try {
    return await answer(engine, request, subscription, params, lease);
  } finally {
    engine.leases.leave(lease);
  }
}

async function requireAllowed(engine: Engine, subscription: Subscription): Promise<void> {
  if (await isAllowed(subscription)) return;
  engine.leases.dropEqual(subscription);
  throw forbidden(subscription);
}

async function answer(
  engine: Engine,
  request: HostRequest,
  subscription: Subscription,
  params: PollParams,
  lease: Lease,
): Promise<JsonObject> {
  const { type } = subscription;
  const log = engine.logOf(type.logName);
  const { group } = lease;
  const start = await findStart({
    log,
    group,
    cursor: type.replay ? params.cursor : null,
    maxAgeMs: params.maxAgeMs,
    now: engine.clock.now(),
    durable: engine.options.store.durable,
  });
  // A position that was granted can be served from the log, whether or not the upstream answers now.
  await group?.sync().catch(() => {});
  if (params.cursor !== null && !start.truncated) {
    new SubscriptionObserver(engine.observer, subscription).acknowledge(start.epoch, start.after);
  }
  const feed = new Feed(log, engine.views, subscription, start);
  try {
    const page = await readPage(engine, request, subscription, params, { lease, feed, start });
    return pollResult(engine, subscription, feed, page, lease);
  } finally {
    feed.release();
  }
}

const hasNews = ({ items, truncated, hasMore }: PollPage) => items.length > 0 || truncated || hasMore;

interface Reading {
  readonly lease: Lease;
  readonly feed: Feed;
  readonly start: Start;
}

async function readPage(
  engine: Engine,
  request: HostRequest,
  subscription: Subscription,
  params: PollParams,
  { lease, feed, start }: Reading,
): Promise<PollPage> {
  const { maxPollEvents, pollScanLimit } = engine.options;
  const { type } = subscription;
  const limit = Math.min(params.maxEvents ?? maxPollEvents, maxPollEvents);
  const collect = async () => {
    const page = await collectPage(feed, limit, pollScanLimit);
    return { ...page, truncated: type.replay && (page.truncated || start.truncated) };
  };
  const page = await collect();
  if (hasNews(page)) return page;
  if (await isFinished(engine, subscription)) return lastPage(engine, subscription, collect);
  if (!(await waitForNews(engine, request, params.timeoutMs ?? 0, lease, feed))) return page;
  await requireAllowed(engine, subscription);
  if (lease.ended !== undefined) throw lease.ended;
  return collect();
}

/**
 * What was emitted while `isFinished` was asked.
 *
 * @throws WireError when that was nothing: all was told, and there will be no more (TASK-2).
 */
async function lastPage(
  engine: Engine,
  subscription: Subscription,
  collect: () => Promise<PollPage>,
): Promise<PollPage> {
  await engine.emittedSoFar(subscription.type.logName);
  const page = await collect();
  if (hasNews(page)) return page;
  engine.leases.dropEqual(subscription);
  throw finished(subscription);
}

function pollResult(
  engine: Engine,
  subscription: Subscription,
  feed: Feed,
  page: PollPage,
  { group }: Lease,
): JsonObject {
  const { type } = subscription;
  const { options } = engine;
  const { through, truncated, hasMore } = page;
  const observed = new SubscriptionObserver(engine.observer, subscription);
  observed.send(page.items, feed.epoch);
  if (truncated) observed.gap(feed.epoch, through, "truncated");
  const pauseMs = Math.min(group?.intervalMs ?? options.nextPollMs, options.leaseMs / 2);
  return {
    resultType: "complete",
    events: page.items.map((item) => feed.occurrence(item)),
    cursor: feed.cursor(through),
    truncated,
    hasMore: hasMore && type.replay,
    nextPollMs: hasMore && type.replay ? 0 : Math.ceil(pauseMs),
    _meta: feed.positionMeta(through),
  };
}
