import { EventsError } from "@mcp-events/protocol";
import type { Entry, NewEntry } from "./contracts";

/** Which event ids a log holds, for whom (ORDERING rule 2). */
export class EventIds {
  readonly #everybody = new Map<string, Entry>();
  readonly #narrow = new Map<string, Map<string, Entry>>();

  constructor(private readonly windowMs: number) {}

  /**
   * The entry that has this id for this audience already.
   *
   * @throws EventsError `event_id_conflict` when the id is in use for a broader or narrower audience, or another type.
   */
  find(entry: NewEntry, now: number): Entry | undefined {
    const everybody = this.#live(this.#everybody.get(entry.eventId), now);
    if (entry.audience === undefined) {
      if (this.#hasNarrow(entry.eventId, now))
        throw conflict(entry, "for one subscription, and now for everybody");
      return sameType(entry, everybody);
    }
    if (everybody !== undefined) throw conflict(entry, "for everybody, and now for one subscription");
    return sameType(entry, this.#live(this.#narrow.get(entry.eventId)?.get(entry.audience), now));
  }

  /** The entry of an upstream group that has this id. */
  findInGroup(eventId: string, group: string): Entry | undefined {
    const everybody = this.#everybody.get(eventId);
    if (everybody?.upstream?.group === group) return everybody;
    for (const entry of this.#narrow.get(eventId)?.values() ?? []) {
      if (entry.upstream?.group === group) return entry;
    }
    return undefined;
  }

  add(entry: Entry): void {
    if (entry.audience === undefined) {
      this.#everybody.set(entry.eventId, entry);
      return;
    }
    const audiences = this.#narrow.get(entry.eventId);
    if (audiences !== undefined) audiences.set(entry.audience, entry);
    else this.#narrow.set(entry.eventId, new Map([[entry.audience, entry]]));
  }

  /** Forgets the id of an entry that the log drops, unless a later entry has it by now. */
  drop(entry: Entry): void {
    if (entry.audience === undefined) {
      if (this.#everybody.get(entry.eventId) === entry) this.#everybody.delete(entry.eventId);
      return;
    }
    const audiences = this.#narrow.get(entry.eventId);
    if (audiences?.get(entry.audience) !== entry) return;
    audiences.delete(entry.audience);
    if (audiences.size === 0) this.#narrow.delete(entry.eventId);
  }

  #hasNarrow(eventId: string, now: number): boolean {
    if (this.#narrow.size === 0) return false;
    for (const entry of this.#narrow.get(eventId)?.values() ?? []) {
      if (this.#live(entry, now) !== undefined) return true;
    }
    return false;
  }

  #live(entry: Entry | undefined, now: number): Entry | undefined {
    return entry !== undefined && now - entry.appendedAt < this.windowMs ? entry : undefined;
  }
}

function sameType(entry: NewEntry, known: Entry | undefined): Entry | undefined {
  if (known !== undefined && known.name !== entry.name) {
    throw conflict(entry, `for event type "${known.name}", and now for "${entry.name}"`);
  }
  return known;
}

function conflict(entry: NewEntry, how: string): EventsError {
  return new EventsError(
    "event_id_conflict",
    `append: eventId "${entry.eventId}" is in the log ${how}; give each its own id`,
  );
}
