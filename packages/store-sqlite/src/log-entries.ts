import type { Entry } from "@mcp-events/ordering";
import type { Database, Statement } from "better-sqlite3";
import { type EntryRow, entryOf } from "./entry-row";

const COLUMNS =
  "seq, name, event_id, audience, appended_at, bytes, kind, timestamp, data, ordering_key, meta, upstream, " +
  "upstream_before, redrive_of";

/** Which entry has an `eventId`. */
export interface KnownEvent {
  readonly seq: number;
  readonly name: string;
  readonly audience: string | null;
}

/** The table with the entries of one log. */
export class LogEntries {
  readonly #insert: Statement<[...EntryRow]>;
  readonly #all: Statement<[number, number], EntryRow>;
  readonly #named: Statement<[string, number, number], EntryRow>;
  readonly #known: Statement<[string], KnownEvent>;
  readonly #knownNarrow: Statement<[string, string], KnownEvent>;
  readonly #inGroup: Statement<[string, string], number>;
  readonly #time: Statement<[number], number>;
  readonly #sizes: Statement<[number], [number, number]>;
  readonly #delete: Statement<[number]>;
  readonly #sums: Statement<[number], { bytes: number | null; at: number | null }>;
  readonly #lastOfNames: Statement<[number], [string, number]>;

  constructor(db: Database, id: number) {
    const table = `entries_${id}`;
    const marks = COLUMNS.split(",").map(() => "?");
    this.#insert = db.prepare(`INSERT INTO ${table} (${COLUMNS}) VALUES (${marks.join(", ")})`);
    const select = `SELECT ${COLUMNS} FROM ${table}`;
    this.#all = db.prepare<[number, number], EntryRow>(`${select} WHERE seq > ? ORDER BY seq LIMIT ?`).raw();
    this.#named = db
      .prepare<[string, number, number], EntryRow>(
        `${select} WHERE name = ? AND seq > ? ORDER BY seq LIMIT ?`,
      )
      .raw();
    // NULL, which is everybody, comes first.
    this.#known = db.prepare(
      `SELECT seq, name, audience FROM ${table} WHERE event_id = ? ORDER BY audience LIMIT 1`,
    );
    this.#knownNarrow = db.prepare(
      `SELECT seq, name, audience FROM ${table} WHERE event_id = ? AND audience = ?`,
    );
    this.#inGroup = db
      .prepare<[string, string], number>(
        `SELECT seq FROM ${table} WHERE event_id = ? AND upstream = ? LIMIT 1`,
      )
      .pluck();
    this.#time = db.prepare<[number], number>(`SELECT appended_at FROM ${table} WHERE seq = ?`).pluck();
    this.#sizes = db
      .prepare<[number], [number, number]>(`SELECT seq, bytes FROM ${table} WHERE seq > ? ORDER BY seq`)
      .raw();
    this.#delete = db.prepare(`DELETE FROM ${table} WHERE seq <= ?`);
    this.#sums = db.prepare(
      `SELECT sum(bytes) AS bytes, max(appended_at) AS at FROM ${table} WHERE seq <= ?`,
    );
    this.#lastOfNames = db
      .prepare<[number], [string, number]>(`SELECT name, max(seq) FROM ${table} WHERE seq <= ? GROUP BY name`)
      .raw();
  }

  add(row: EntryRow): void {
    this.#insert.run(...row);
  }

  /** Entries after a number, of some event types or all. */
  read(names: readonly string[] | undefined, after: number, limit: number): Entry[] {
    if (names === undefined) return this.#all.all(after, limit).map(entryOf);
    const found = [...new Set(names)].flatMap((name) => this.#named.all(name, after, limit));
    if (names.length > 1) found.sort(([a], [b]) => a - b);
    return found.slice(0, limit).map(entryOf);
  }

  /** An entry with this id: the one for everybody if there is one. */
  known(eventId: string): KnownEvent | undefined {
    return this.#known.get(eventId);
  }

  knownNarrow(eventId: string, audience: string): KnownEvent | undefined {
    return this.#knownNarrow.get(eventId, audience);
  }

  /** Number of the group's entry with this id. */
  inGroup(eventId: string, group: string): number | undefined {
    return this.#inGroup.get(eventId, group);
  }

  /** Number of the last entry in (`dropped`, `head`] that was appended before `time`; `dropped` when none was. */
  lastBefore(time: number, dropped: number, head: number): number {
    let low = dropped + 1;
    let high = head + 1;
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      if (this.#time.get(middle)! >= time) high = middle;
      else low = middle + 1;
    }
    return low - 1;
  }

  /** Number up to which entries have to go so that at least `excess` bytes do. */
  firstBytes(excess: number, after: number): number {
    let left = excess;
    let through = after;
    for (const [seq, bytes] of this.#sizes.iterate(after)) {
      if (left <= 0) break;
      left -= bytes;
      through = seq;
    }
    return through;
  }

  /** Deletes entries up to a number; says what they were. */
  drop(through: number): { bytes: number; at: number; lastOfNames: readonly [string, number][] } {
    const { bytes, at } = this.#sums.get(through)!;
    const lastOfNames = this.#lastOfNames.all(through);
    this.#delete.run(through);
    return { bytes: bytes ?? 0, at: at ?? 0, lastOfNames };
  }
}
