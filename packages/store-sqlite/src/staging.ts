import type { Appended, NewEntry } from "@mcp-events/ordering";
import { EventsError } from "@mcp-events/protocol";
import { type EntryRow, entryRow } from "./entry-row";
import type { KnownEvent, LogEntries } from "./log-entries";

/** A batch with its numbers, before any of it is written. */
export interface Staged {
  readonly appended: readonly Appended[];
  readonly rows: readonly EntryRow[];
}

/**
 * Numbers the entries of a batch that are new (ORDERING rule 2).
 *
 * @throws EventsError `event_id_conflict`, `payload_invalid`.
 */
export function stage(
  entries: readonly NewEntry[],
  log: LogEntries,
  at: { readonly epoch: number; readonly head: number; readonly appendedAt: number },
): Staged {
  const rows: EntryRow[] = [];
  const own = new Map<string, KnownEvent[]>();
  const appended = entries.map((entry) => {
    const known = find(entry, log, own.get(entry.eventId));
    if (known !== undefined) return { epoch: at.epoch, seq: known.seq, duplicate: true };
    const seq = at.head + rows.length + 1;
    rows.push(entryRow(entry, seq, at.appendedAt));
    const { eventId, name, audience = null } = entry;
    const same = own.get(eventId);
    if (same === undefined) own.set(eventId, [{ seq, name, audience }]);
    else same.push({ seq, name, audience });
    return { epoch: at.epoch, seq, duplicate: false };
  });
  return { appended, rows };
}

function find(
  entry: NewEntry,
  log: LogEntries,
  own: readonly KnownEvent[] | undefined,
): KnownEvent | undefined {
  const { audience = null, eventId } = entry;
  const any = own?.[0] ?? log.known(eventId);
  if (any === undefined) return undefined;
  if (audience === null && any.audience !== null) {
    throw conflict(entry, "for one subscription, and now for everybody");
  }
  if (audience !== null && any.audience === null) {
    throw conflict(entry, "for everybody, and now for one subscription");
  }
  if (audience === null) return sameType(entry, any);
  const mine = own?.find((one) => one.audience === audience);
  return sameType(entry, mine ?? log.knownNarrow(eventId, audience));
}

function sameType(entry: NewEntry, known: KnownEvent | undefined): KnownEvent | undefined {
  if (known === undefined || known.name === entry.name) return known;
  throw conflict(entry, `for event type "${known.name}", and now for "${entry.name}"`);
}

function conflict(entry: NewEntry, how: string): EventsError {
  return new EventsError(
    "event_id_conflict",
    `append: eventId "${entry.eventId}" is in the log ${how}; give each its own id`,
  );
}
