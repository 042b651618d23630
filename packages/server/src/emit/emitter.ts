import type { Appended, NewEntry } from "@mcp-events/ordering";
import { type Clock, EventsError } from "@mcp-events/protocol";
import type { SafeObserver } from "../observer";
import type { EventType } from "../registry/event-type";
import type { EmitItem, Emitted } from "../types";
import type { AppendQueue } from "./append-queue";
import { randomEventId } from "./event-id";
import { type EntryDefaults, prepareEntry } from "./prepare";

/** What {@link emitAll} needs of its server. */
export interface EmitContext {
  readonly clock: Clock;
  readonly random: () => number;
  readonly observer: SafeObserver;
  readonly durable: boolean;
}

/**
 * Checks and appends events of one type, all or none, after everything emitted before (ORD-8).
 *
 * @throws EventsError as `EventHandle.emit` says.
 */
export async function emitAll(
  context: EmitContext,
  queue: AppendQueue,
  type: EventType,
  items: readonly EmitItem<unknown>[],
): Promise<Emitted[]> {
  requireEmittable(context, type, items);
  const entries = prepareAll(context, type, items);
  const appended = await queue.push(items.length, entries);
  const prepared = entries instanceof Promise ? await entries : entries;
  return prepared.map((entry, index) => report(context, type, entry, appended[index]!));
}

function prepareAll(
  { clock, random }: EmitContext,
  type: EventType,
  items: readonly EmitItem<unknown>[],
): NewEntry[] | Promise<NewEntry[]> {
  const defaults: EntryDefaults = { now: () => clock.now(), eventId: () => randomEventId(random) };
  const entries: (NewEntry | Promise<NewEntry>)[] = [];
  try {
    for (const item of items) entries.push(prepareEntry(type, item, defaults));
  } catch (error) {
    Promise.all(entries).catch(() => {});
    throw error;
  }
  return entries.some((entry) => entry instanceof Promise) ? Promise.all(entries) : (entries as NewEntry[]);
}

/** Events emitted to a check-backed type would be lost in a restart that its consumers are told was without loss. */
function requireEmittable(
  { durable }: EmitContext,
  type: EventType,
  items: readonly EmitItem<unknown>[],
): void {
  if (type.options.check === undefined) return;
  if (!durable) {
    throw new EventsError(
      "option_invalid",
      `${type.name}: its events come from check; emit needs a store that outlives the process, or a type of its own`,
    );
  }
  if (type.options.sharedCheck && items.some((item) => item.to !== undefined)) {
    throw new EventsError(
      "option_invalid",
      `${type.name}: to: with sharedCheck all principals share one view`,
    );
  }
}

function report({ observer }: EmitContext, type: EventType, entry: NewEntry, appended: Appended): Emitted {
  const { eventId } = entry;
  const { epoch, seq, duplicate } = appended;
  observer.append({ log: type.logName, name: type.name, eventId, epoch, seq, duplicate });
  return { log: type.logName, epoch, seq, eventId, duplicate };
}
