import { EventsError } from "@mcp-events/protocol";
import type { NewEntry } from "./contracts";

/** What is known of an entry by its id. */
export type IdentifiedEntry = Pick<NewEntry, "eventId" | "name" | "audience" | "upstream">;

/** Which event ids a log holds, for whom (ORDERING rule 2). */
export class EventIds<E extends IdentifiedEntry> {
  readonly #everybody = new Map<string, E>();
  readonly #narrow = new Map<string, Map<string, E>>();

  /**
   * The entry that has this id for this audience already.
   *
   * @param counts - Whether an entry that has the id still counts.
   * @throws EventsError `event_id_conflict` when the id is in use for a broader or narrower audience, or another type.
   */
  find(entry: IdentifiedEntry, counts: (known: E) => boolean): E | undefined {
    const everybody = only(this.#everybody.get(entry.eventId), counts);
    if (entry.audience === undefined) {
      if (this.#hasNarrow(entry.eventId, counts))
        throw conflict(entry, "for one subscription, and now for everybody");
      return sameType(entry, everybody);
    }
    if (everybody !== undefined) throw conflict(entry, "for everybody, and now for one subscription");
    return sameType(entry, only(this.#narrow.get(entry.eventId)?.get(entry.audience), counts));
  }

  /** The entry of an upstream group that has this id. */
  findInGroup(eventId: string, group: string): E | undefined {
    const everybody = this.#everybody.get(eventId);
    if (everybody?.upstream?.group === group) return everybody;
    for (const entry of this.#narrow.get(eventId)?.values() ?? []) {
      if (entry.upstream?.group === group) return entry;
    }
    return undefined;
  }

  add(entry: E): void {
    if (entry.audience === undefined) {
      this.#everybody.set(entry.eventId, entry);
      return;
    }
    const audiences = this.#narrow.get(entry.eventId);
    if (audiences !== undefined) audiences.set(entry.audience, entry);
    else this.#narrow.set(entry.eventId, new Map([[entry.audience, entry]]));
  }

  /** Forgets the id of an entry that the log drops, unless a later entry has it by now. */
  drop(entry: E): void {
    if (entry.audience === undefined) {
      if (this.#everybody.get(entry.eventId) === entry) this.#everybody.delete(entry.eventId);
      return;
    }
    const audiences = this.#narrow.get(entry.eventId);
    if (audiences?.get(entry.audience) !== entry) return;
    audiences.delete(entry.audience);
    if (audiences.size === 0) this.#narrow.delete(entry.eventId);
  }

  #hasNarrow(eventId: string, counts: (known: E) => boolean): boolean {
    if (this.#narrow.size === 0) return false;
    for (const entry of this.#narrow.get(eventId)?.values() ?? []) if (counts(entry)) return true;
    return false;
  }
}

function only<E>(entry: E | undefined, counts: (known: E) => boolean): E | undefined {
  return entry !== undefined && counts(entry) ? entry : undefined;
}

function sameType<E extends IdentifiedEntry>(entry: IdentifiedEntry, known: E | undefined): E | undefined {
  if (known !== undefined && known.name !== entry.name) {
    throw conflict(entry, `for event type "${known.name}", and now for "${entry.name}"`);
  }
  return known;
}

function conflict(entry: IdentifiedEntry, how: string): EventsError {
  return new EventsError(
    "event_id_conflict",
    `append: eventId "${entry.eventId}" is in the log ${how}; give each its own id`,
  );
}
