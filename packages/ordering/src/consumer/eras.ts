import type { ConsumerState } from "./consumer-state";
import { Era } from "./era";
import { IntervalSet } from "./interval-set";

/** A log in one of its epochs. */
export interface Place {
  readonly log: string;
  readonly epoch: number;
}

const RETIRED_LOGS = 16;

/** The eras in which a consumer has something to commit, oldest first, and the cursor that may be stored. */
export class Eras {
  #list: Era[] = [];
  #count = 0;
  #cursor: { at: number; cursor: string } | undefined;
  readonly #retired = new Set<string>();

  /** @param recent - Ids of events committed after `cursor`, as they were stored with it. */
  constructor(
    state: ConsumerState | undefined,
    cursor: string | null | undefined,
    recent: readonly string[] = [],
  ) {
    if (cursor !== null && cursor !== undefined) this.#cursor = { at: -1, cursor };
    if (state === undefined) return;
    const done = new IntervalSet(state.through, state.ahead);
    const era = new Era(this.#count++, state.log, state.epoch, done, false);
    const last = state.ahead.at(-1)?.[1] ?? state.through;
    for (const id of recent) era.name(id, last);
    this.#list.push(era);
  }

  get all(): readonly Era[] {
    return this.#list;
  }

  get current(): Era | undefined {
    return this.#list.at(-1);
  }

  /** What to store; `undefined` before there is any. */
  get committed(): ConsumerState | undefined {
    const era = this.#list[0];
    return era?.opened === true ? era.state : undefined;
  }

  /** Ids of what is committed after {@link committedCursor}, oldest first. */
  get recent(): string[] {
    const era = this.#list[0];
    return era?.opened === true ? era.namesAfterCursor(true).map(({ id }) => id) : [];
  }

  /** The cursor to store with {@link committed}, and where it stands (-1: before this era). */
  get committedCursor(): { readonly at: number; readonly cursor: string } | undefined {
    const era = this.#list[0];
    const mark = era?.opened === true ? era.trail.advance(era.done.base) : undefined;
    if (mark !== undefined) this.#cursor = { ...mark };
    return this.#cursor;
  }

  /** The cursor at or before what was handed out. */
  get releasedCursor(): string | null {
    const era = this.current;
    return era?.trail.find(era.handled.base)?.cursor ?? this.committedCursor?.cursor ?? null;
  }

  /** Whether a place is to be adopted: a greater epoch, or another log that was not left behind (rule 15). */
  isNewer(place: Place): boolean {
    const era = this.current;
    if (era === undefined) return true;
    return place.log === era.log ? place.epoch > era.epoch : !this.#retired.has(place.log);
  }

  /** Begins an era; one that begins with a gap is not opened before the gap is committed. */
  begin(place: Place, start: number, afterGap: boolean): Era {
    const before = this.current;
    const earlier = afterGap ? [] : (before?.namesAfterCursor(false) ?? []);
    const done = new IntervalSet(start);
    const era = new Era(this.#count++, place.log, place.epoch, done, afterGap, earlier);
    if (before !== undefined) {
      this.#retire(before.log, place.log);
      era.trail.note(-1, this.releasedCursor);
    }
    this.#list.push(era);
    return era;
  }

  /** Committing in `era` commits the gaps that it and the eras before it began with; returns the last such era's index. */
  open(era: Era): number {
    let floor = 0;
    for (const one of this.#list) {
      if (one.index > era.index) break;
      if (!one.afterGap) continue;
      one.opened = true;
      floor = one.index;
    }
    return floor;
  }

  /** Leaves eras behind in which nothing is left to commit. */
  close(): void {
    for (;;) {
      const [first, next] = this.#list;
      if (first === undefined || next === undefined || first.pending > 0 || !next.opened) return;
      const cursor = this.committedCursor;
      if (cursor !== undefined) this.#cursor = { at: -1, cursor: cursor.cursor };
      this.#list.shift();
    }
  }

  /** Forgets the eras from `index` on. */
  forget(index: number): void {
    this.#list = this.#list.filter((era) => era.index < index);
  }

  #retire(from: string, to: string): void {
    this.#retired.delete(to);
    if (from === to) return;
    if (this.#retired.size >= RETIRED_LOGS) this.#retired.clear();
    this.#retired.add(from);
  }
}
