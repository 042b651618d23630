import type { NewEntry } from "@mcp-events/ordering";
import { canonicalJson, EventsError, isJsonObject, type JsonObject } from "@mcp-events/protocol";
import { derivedEventId, randomEventId } from "../emit/event-id";
import { prepareEntry } from "../emit/prepare";
import type { EventType } from "../registry/event-type";
import type { CheckedEvent } from "../types";

const MAX_CURSOR_LENGTH = 4_096;

/** An upstream's answer with every field checked. */
export interface CheckAnswer {
  readonly events: readonly unknown[];
  readonly cursor: string | null;
  readonly truncated: boolean;
  readonly hasMore: boolean;
  readonly nextCheckMs: number | undefined;
}

/**
 * Reads what `check` answered; absent fields mean no.
 *
 * @throws EventsError `payload_invalid` when it is no answer at all.
 */
export function readCheckResult(name: string, result: unknown): CheckAnswer {
  if (!isJsonObject(result)) throw malformed(name, "must answer an object");
  const { events, cursor = null, truncated, hasMore, nextCheckMs } = result;
  if (!Array.isArray(events)) throw malformed(name, "events: must be an array");
  if (cursor !== null && (typeof cursor !== "string" || cursor.length > MAX_CURSOR_LENGTH)) {
    throw malformed(name, `cursor: must be null or a string of at most ${MAX_CURSOR_LENGTH} characters`);
  }
  const pause = typeof nextCheckMs === "number" && nextCheckMs >= 0 ? nextCheckMs : undefined;
  return { events, cursor, truncated: truncated === true, hasMore: hasMore === true, nextCheckMs: pause };
}

function malformed(name: string, reason: string): EventsError {
  return new EventsError("payload_invalid", `${name}: check ${reason}`);
}

/** Whose upstream answered, and from where it was asked. */
export interface Batch {
  readonly type: EventType;
  readonly group: string;
  readonly audience: string;
  /** The upstream's cursor before the batch. */
  readonly before: string | null;
  readonly now: () => number;
  readonly random: () => number;
  /** Told of an event that could not be used; a gap stands in its place. */
  readonly onUnusable: (error: unknown) => void;
}

/** The entries of an answer: a gap first when the upstream skipped events, and one for each event of no use (rule 6). */
export async function entriesOf(answer: CheckAnswer, batch: Batch): Promise<NewEntry[]> {
  const ids = eventIds(batch, answer.cursor);
  const entries = await Promise.all(answer.events.map((event) => entryOf(event, batch, ids)));
  return answer.truncated ? [gapEntry(batch), ...entries] : entries;
}

async function entryOf(event: unknown, batch: Batch, ids: (data: JsonObject) => string): Promise<NewEntry> {
  const { type, group, audience, before, now, onUnusable } = batch;
  try {
    if (!isJsonObject(event)) throw malformed(type.name, "events: must hold objects");
    const { data, eventId, timestamp, orderingKey, meta } = event as unknown as CheckedEvent;
    const item = { data, eventId, timestamp, orderingKey, meta };
    const entry = await prepareEntry(type, item, { now, eventId: ids });
    return { ...entry, audience, upstream: { group, before } };
  } catch (error) {
    onUnusable(error);
    return gapEntry(batch);
  }
}

function gapEntry({ type, group, audience, before, now, random }: Batch): NewEntry {
  return {
    kind: "gap",
    name: type.name,
    eventId: randomEventId(random),
    timestamp: new Date(now()).toISOString(),
    data: {},
    audience,
    upstream: { group, before },
  };
}

/**
 * Ids for events without one. They are derived where the upstream's cursor says which batch it is, so that a batch
 * asked for twice has the same ids; without a cursor that moves, equal data may well be another event.
 */
function eventIds({ group, before, random }: Batch, after: string | null): (data: JsonObject) => string {
  if (before === null || before === after) return () => randomEventId(random);
  const seen = new Map<string, number>();
  return (data) => {
    const text = canonicalJson(data);
    const nth = seen.get(text) ?? 0;
    seen.set(text, nth + 1);
    return derivedEventId(group, before, data, nth);
  };
}
