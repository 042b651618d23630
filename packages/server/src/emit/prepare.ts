import { audienceOf, type NewEntry } from "@mcp-events/ordering";
import { EventsError, isJsonObject, type JsonObject, MAX_EVENT_BYTES, utf8Bytes } from "@mcp-events/protocol";
import type { EventType } from "../registry/event-type";
import type { Validation } from "../registry/schema-validator";
import type { EmitItem } from "../types";
import { jsonCopy } from "./json-guard";

/** Kept free within 256 KiB for what the server adds to an event: its cursor and its place in the log. */
const RESERVED_BYTES = 1_024;

/** What an entry has that its author did not say. */
export interface EntryDefaults {
  now(): number;
  eventId(data: JsonObject): string;
}

/**
 * Turns what an author emits into an entry: copied, checked against the schema and the 256 KiB bound (OCC-3).
 * A promise only when the schema is asynchronous.
 *
 * @throws EventsError `payload_invalid` naming the path; `payload_too_large`.
 */
export function prepareEntry(
  type: EventType,
  item: EmitItem<unknown>,
  defaults: EntryDefaults,
): NewEntry | Promise<NewEntry> {
  const { copy, text } = jsonCopy(`${type.name}: data`, item.data);
  const checked = type.validatePayload(copy);
  if (checked instanceof Promise) return checked.then((validation) => finish(validation));
  return finish(checked);

  function finish(validation: Validation): NewEntry {
    requireValid(type, validation);
    return buildEntry(type, item, { copy, bytes: utf8Bytes(text) }, defaults);
  }
}

function requireValid(type: EventType, validation: Validation): void {
  if (validation.ok) return;
  const path =
    validation.path === "" ? "" : `${validation.path.startsWith("[") ? "" : "."}${validation.path}`;
  throw new EventsError("payload_invalid", `${type.name}: data${path}: ${validation.message}`);
}

function buildEntry(
  type: EventType,
  item: EmitItem<unknown>,
  data: { readonly copy: JsonObject; readonly bytes: number },
  defaults: EntryDefaults,
): NewEntry {
  const meta = item.meta === undefined ? undefined : jsonCopy(`${type.name}: meta`, item.meta);
  const eventId = text(type, "eventId", item.eventId) ?? defaults.eventId(data.copy);
  const orderingKey = text(type, "orderingKey", item.orderingKey ?? type.options.orderingKey?.(data.copy));
  const bytes = data.bytes + utf8Bytes(eventId) + type.name.length + (meta ? utf8Bytes(meta.text) : 0);
  if (bytes > MAX_EVENT_BYTES - RESERVED_BYTES) {
    throw new EventsError(
      "payload_too_large",
      `${type.name}: data: the event takes ${bytes} bytes of JSON; at most ${MAX_EVENT_BYTES - RESERVED_BYTES} fit`,
    );
  }
  return {
    kind: "event",
    name: type.name,
    eventId,
    timestamp: isoTime(type, item.timestamp, defaults),
    data: data.copy,
    dataBytes: data.bytes,
    ...(orderingKey !== undefined && { orderingKey }),
    ...(meta !== undefined && { meta: meta.copy }),
    ...(item.to !== undefined && { audience: audienceFor(type, item.to) }),
  };
}

function audienceFor(type: EventType, to: NonNullable<EmitItem["to"]>): string {
  if (to.arguments !== undefined && !isJsonObject(to.arguments)) {
    throw new EventsError("payload_invalid", `${type.name}: to.arguments: must be an object`);
  }
  return audienceOf(to.principal, type.name, to.arguments ?? {});
}

function text(type: EventType, field: string, value: unknown): string | undefined {
  if (value === undefined) return undefined;
  if (typeof value === "string" && value !== "" && value.length <= 1_024) return value;
  throw new EventsError(
    "payload_invalid",
    `${type.name}: ${field}: must be a string of 1 to 1,024 characters`,
  );
}

let lastNow = Number.NaN;
let lastIso = "";

/** A time as ISO 8601; the same millisecond is written once. */
function isoNow(now: number): string {
  if (now !== lastNow) {
    lastIso = new Date(now).toISOString();
    lastNow = now;
  }
  return lastIso;
}

function isoTime(type: EventType, value: string | Date | undefined, defaults: EntryDefaults): string {
  if (value === undefined) return isoNow(defaults.now());
  const date = new Date(value);
  if (Number.isNaN(date.getTime())) {
    throw new EventsError("payload_invalid", `${type.name}: timestamp: ${String(value)} is not a date`);
  }
  return typeof value === "string" ? value : date.toISOString();
}
