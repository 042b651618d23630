import type { EventLog, NewEntry } from "../contracts";
import { MemoryLog } from "../memory-log";
import { type MemoryLogOptions, resolveMemoryOptions } from "../memory-options";
import { ManualClock } from "./manual-clock";

let ids = 0;

/** A new entry with what a test does not care about filled in. */
export function newEntry(fields: Partial<NewEntry> = {}): NewEntry {
  ids += 1;
  return {
    kind: "event",
    name: "note.created",
    eventId: `e${ids}`,
    timestamp: "2026-01-01T00:00:00.000Z",
    data: {},
    ...fields,
  };
}

/** A log in memory on its own manual clock. */
export function memoryLog(options: MemoryLogOptions = {}) {
  const clock = new ManualClock();
  const log = new MemoryLog("events", 7, resolveMemoryOptions({ clock, random: () => 0.5, ...options }));
  return { clock, log };
}

/** A log that is `log` but for some methods. */
export function wrapLog(log: EventLog, methods: Partial<EventLog>): EventLog {
  return {
    name: log.name,
    salt: log.salt,
    head: () => log.head(),
    size: () => log.size(),
    append: (entries, options) => log.append(entries, options),
    read: (request) => log.read(request),
    seqBefore: (time) => log.seqBefore(time),
    upstream: (group) => log.upstream(group),
    locate: (group, cursor, lastEventId) => log.locate(group, cursor, lastEventId),
    watch: (listener) => log.watch(listener),
    truncate: () => log.truncate(),
    ...methods,
  };
}
