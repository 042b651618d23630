import type { Entry, NewEntry } from "@mcp-events/ordering";
import { EventsError, type JsonObject, utf8Bytes } from "@mcp-events/protocol";

/** What an entry costs beside its texts. */
const ENTRY_OVERHEAD_BYTES = 200;

/** An entry as a row; in the order of the columns. */
export type EntryRow = readonly [
  seq: number,
  name: string,
  event_id: string,
  audience: string | null,
  appended_at: number,
  bytes: number,
  kind: string,
  timestamp: string,
  data: string,
  ordering_key: string | null,
  meta: string | null,
  upstream: string | null,
  upstream_before: string | null,
  redrive_of: string | null,
];

/** @throws EventsError `payload_invalid` when its data or meta is not JSON. */
export function entryRow(entry: NewEntry, seq: number, appendedAt: number): EntryRow {
  const data = jsonOf(entry.data, entry);
  const meta = entry.meta === undefined ? null : jsonOf(entry.meta, entry);
  const { audience = null, orderingKey = null, upstream, redriveOf = null } = entry;
  const texts = entry.eventId.length + (audience?.length ?? 0) + (orderingKey?.length ?? 0);
  const metaBytes = meta === null ? 0 : utf8Bytes(meta);
  const bytes = ENTRY_OVERHEAD_BYTES + texts + metaBytes + (entry.dataBytes ?? utf8Bytes(data));
  return [
    seq,
    entry.name,
    entry.eventId,
    audience,
    appendedAt,
    bytes,
    entry.kind,
    entry.timestamp,
    data,
    orderingKey,
    meta,
    upstream?.group ?? null,
    upstream?.before ?? null,
    redriveOf,
  ];
}

/** The entry of a row. */
export function entryOf(row: EntryRow): Entry {
  const [seq, name, eventId, audience, appendedAt, bytes, kind, timestamp, data] = row;
  const [, , , , , , , , , orderingKey, meta, group, before, redriveOf] = row;
  return {
    seq,
    appendedAt,
    bytes,
    kind: kind as Entry["kind"],
    name,
    eventId,
    timestamp,
    data: JSON.parse(data) as JsonObject,
    ...(orderingKey !== null && { orderingKey }),
    ...(audience !== null && { audience }),
    ...(meta !== null && { meta: JSON.parse(meta) as JsonObject }),
    ...(group !== null && { upstream: { group, before } }),
    ...(redriveOf !== null && { redriveOf }),
  };
}

function jsonOf(value: unknown, { eventId }: NewEntry): string {
  try {
    return JSON.stringify(value);
  } catch (cause) {
    const message = `append: event "${eventId}" is not JSON: ${String(cause)}`;
    throw new EventsError("payload_invalid", message, { cause });
  }
}
