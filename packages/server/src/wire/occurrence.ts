import type { ReadItem } from "@mcp-events/ordering";
import { type JsonObject, ORDERING_EXTENSION } from "@mcp-events/protocol";
import type { EventType } from "../registry/event-type";
import type { ServerLog } from "./server-log";

/** From where an event is told. */
export interface Reading {
  readonly type: EventType;
  readonly log: ServerLog;
  readonly epoch: number;
  /** The older epoch that this one goes on from without loss. */
  readonly continues?: number | undefined;
}

/** An event as every mode carries it, without its cursor (OCC-1). */
export function occurrence(reading: Reading, item: ReadItem): JsonObject & { _meta: JsonObject } {
  const { entry } = item;
  return {
    eventId: entry.eventId,
    name: entry.name,
    timestamp: entry.timestamp,
    data: item.data,
    _meta: { ...entry.meta, [ORDERING_EXTENSION]: orderingMark(reading, item) },
  };
}

/** The place of one event in its view. Keys go out only where order is promised for each key. */
function orderingMark(
  { type, log, epoch, continues }: Reading,
  { entry, prev, keyPrev }: ReadItem,
): JsonObject {
  const mark: JsonObject = { log: log.name, epoch, seq: entry.seq, prev };
  if (type.guarantee === "key" && entry.orderingKey !== undefined) {
    mark.key = log.keyTag(entry.orderingKey);
    if (keyPrev !== undefined) mark.keyPrev = keyPrev;
  }
  if (continues !== undefined) mark.continues = continues;
  if (entry.redriveOf !== undefined) mark.redriveOf = entry.redriveOf;
  return mark;
}

/** `_meta` of a message that carries a position: everything of the view up to `through` was told before it. */
export function positionMeta(log: ServerLog, epoch: number, through: number): JsonObject {
  return { [ORDERING_EXTENSION]: { log: log.name, epoch, through } };
}
