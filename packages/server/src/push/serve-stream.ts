import {
  type HostRequest,
  type JsonObject,
  METHODS,
  type StreamParams,
  streamParamsSchema,
} from "@mcp-events/protocol";
import type { Engine } from "../engine";
import { Feed } from "../subscriptions/feed";
import { endIfFinished } from "../subscriptions/finished";
import { startOf } from "../subscriptions/start-of";
import {
  forbidden,
  isAllowed,
  readSubscription,
  requireBoundedArguments,
  subscriptionInfo,
  unsubscribed,
} from "../subscriptions/subscription";
import { untilAborted } from "../until-aborted";
import type { UpstreamGroup } from "../upstream/upstream-group";
import { parseRequest } from "../wire/requests";
import { PushStream } from "./push-stream";

/** What a stream that has ended without a word answers: nobody reads it. */
const NOBODY: JsonObject = { resultType: "complete" };

/**
 * Answers `events/stream`: resolves when the stream is over (PUSH-1 to PUSH-8).
 *
 * @throws WireError as the contract names them, before anything was sent.
 */
export async function serveStream(engine: Engine, request: HostRequest): Promise<JsonObject> {
  requireBoundedArguments(METHODS.stream, request.params, engine.options.maxArgumentBytes);
  const params = parseRequest(METHODS.stream, streamParamsSchema, request.params);
  const subscription = await readSubscription(engine.registry, METHODS.stream, "push", request, params);
  const channel = request.stream();
  const stream = new PushStream(engine, subscription, request.requestId, channel);
  engine.streams.add(stream);
  try {
    engine.registry.requireCurrent(subscription.type);
    return await admit(engine, stream, params);
  } finally {
    engine.streams.delete(stream);
    stream.release();
    channel.release();
  }
}

/** Everything a subscription needs before it starts; what one step took is given back whatever happens after it. */
async function admit(engine: Engine, stream: PushStream, params: StreamParams): Promise<JsonObject> {
  const { subscription } = stream;
  if (!(await isAllowed(subscription))) throw forbidden(subscription);
  if (stream.gone.aborted) return NOBODY;
  stream.requireOpen();
  const giveBack = engine.limiter.reserve(subscription.principal);
  const upstream = engine.upstreams.retain(subscription);
  try {
    await subscription.type.options.onSubscribe?.(subscriptionInfo(subscription));
    try {
      return await start(engine, stream, params, upstream?.group);
    } finally {
      await unsubscribed(subscription, engine.logger);
    }
  } finally {
    upstream?.release();
    giveBack();
  }
}

async function start(
  engine: Engine,
  stream: PushStream,
  params: StreamParams,
  group: UpstreamGroup | undefined,
): Promise<JsonObject> {
  if (stream.gone.aborted) return NOBODY;
  const { subscription } = stream;
  const { type } = subscription;
  const begin = await untilAborted(stream.gone, startOf(engine, type, group, params));
  if (begin === undefined) return NOBODY;
  stream.requireOpen();
  const feed = new Feed(engine.logOf(type.logName), engine.views, subscription, begin);
  const unwatch = group?.watch((error) => stream.fail(error));
  engine.heartbeats.touch(stream);
  engine.reauthorizations.touch(stream);
  try {
    await feed.refresh();
    await endIfFinished(engine, stream);
    return await stream.deliver(feed, begin.truncated);
  } finally {
    engine.heartbeats.delete(stream);
    engine.reauthorizations.delete(stream);
    unwatch?.();
    feed.release();
  }
}
