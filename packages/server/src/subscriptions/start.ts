import type { EventLog } from "@mcp-events/ordering";
import { type CursorPosition, EventsError, type UpstreamPosition } from "@mcp-events/protocol";
import type { UpstreamGroup } from "../upstream/upstream-group";
import type { ServerLog } from "../wire/server-log";

/** Where delivery to a subscription starts. */
export interface Start {
  readonly epoch: number;
  /** Events with greater numbers are delivered. */
  readonly after: number;
  /** Number of the subscription's last event at or before `after`, where it is known. */
  readonly last?: number | undefined;
  /** Events between the cursor asked for and the start are gone. */
  readonly truncated: boolean;
  /** The older epoch that the cursor was of, when nothing was lost since. */
  readonly continues?: number | undefined;
  /** Check-backed types: where the upstream stood. */
  readonly upstream?: UpstreamPosition | undefined;
}

/** What a subscription asks for. */
export interface StartRequest {
  readonly log: ServerLog;
  readonly group: UpstreamGroup | undefined;
  /** `null`: from now, as for a type without replay. */
  readonly cursor: string | null;
  readonly maxAgeMs?: number | null | undefined;
  readonly now: number;
  /** Whether other processes may write the log, so that this one can lag behind a cursor (rule 3). */
  readonly durable: boolean;
}

/**
 * Finds where to start (CUR-2, CUR-5, CUR-6). A cursor that cannot be gone on from is answered from now, `truncated`;
 * one of an earlier epoch of the log from that log's beginning, since all of it came later.
 *
 * @throws what the upstream's `check` throws when the start cannot be known without it.
 */
export async function findStart(request: StartRequest): Promise<Start> {
  const log = await request.log.open();
  if (request.cursor === null) return fromNow(log, request.group);
  const asked = request.log.read(request.cursor);
  const start = asked === undefined ? undefined : await goOn(log, request, asked);
  if (start === undefined) return { ...(await fromNow(log, request.group)), truncated: true };
  return floored(log, request, start);
}

/** Moves a start past what retention took, so that the first message of a stream says so (CUR-6). */
export async function pastHole(log: EventLog, name: string, start: Start): Promise<Start> {
  const { epoch, from, truncated } = await log.read({ after: start.after, names: [name], limit: 1 });
  if (!truncated || epoch !== start.epoch) return start;
  return { epoch, after: from, truncated: true, upstream: start.upstream };
}

/** The end of the log, once everything the upstream had before is in it. */
async function fromNow(log: EventLog, group: UpstreamGroup | undefined): Promise<Start> {
  await group?.sync();
  const { epoch, seq } = await log.head();
  const start = { epoch, after: seq, truncated: false };
  if (group === undefined) return start;
  const state = await log.upstream(group.tag);
  return { ...start, upstream: { group: group.tag, cursor: state?.cursor ?? null } };
}

async function goOn(log: EventLog, request: StartRequest, asked: CursorPosition): Promise<Start | undefined> {
  const { group } = request;
  const { epoch, seq } = await log.head();
  if (asked.epoch === epoch && asked.seq > seq && !request.durable) return undefined;
  if (group !== undefined) return goOnWithUpstream(log, group, asked, epoch);
  if (asked.epoch === epoch) return { epoch, after: asked.seq, truncated: false };
  return { epoch, after: 0, truncated: true };
}

async function goOnWithUpstream(
  log: EventLog,
  group: UpstreamGroup,
  asked: CursorPosition,
  epoch: number,
): Promise<Start | undefined> {
  const { upstream } = asked;
  if (upstream?.group !== group.tag) return undefined;
  const sameEpoch = asked.epoch === epoch;
  if (!sameEpoch && upstream.cursor === null) return undefined;
  await restartIfUnknown(log, group, upstream);
  const located = await locate(log, group, upstream);
  if (located === undefined) return undefined;
  if (!sameEpoch) return { epoch, after: located, truncated: false, continues: asked.epoch, upstream };
  const after = upstream.lastEventId === undefined ? asked.seq : Math.max(asked.seq, located);
  return { epoch, after, truncated: false, upstream };
}

/** The first cursor that comes to a log which knows nothing of its upstream tells it where to go on (rule 6). */
async function restartIfUnknown(
  log: EventLog,
  group: UpstreamGroup,
  upstream: UpstreamPosition,
): Promise<void> {
  if (upstream.cursor === null || (await log.upstream(group.tag)) !== undefined) return;
  try {
    await log.append([], { upstream: { group: group.tag, from: undefined, to: upstream.cursor } });
  } catch (error) {
    if (!EventsError.is(error) || error.code !== "append_conflict") throw error;
  }
  group.expire();
}

/** Where the log has what follows; inside a batch that was not asked for yet, once it is. */
async function locate(
  log: EventLog,
  group: UpstreamGroup,
  { cursor, lastEventId }: UpstreamPosition,
): Promise<number | undefined> {
  const located = await log.locate(group.tag, cursor, lastEventId);
  if (located !== undefined || lastEventId === undefined) return located;
  if ((await log.upstream(group.tag))?.cursor !== cursor) return undefined;
  await group.sync();
  return log.locate(group.tag, cursor, lastEventId);
}

/** Moves a start up to what is young enough (CUR-5). */
async function floored(log: EventLog, { maxAgeMs, now }: StartRequest, start: Start): Promise<Start> {
  if (maxAgeMs === undefined || maxAgeMs === null) return start;
  const floor = await log.seqBefore(now - maxAgeMs);
  if (floor <= start.after) return start;
  return { epoch: start.epoch, after: floor, truncated: true, upstream: start.upstream };
}
