import type { NewEntry, UpstreamAdvance, UpstreamState } from "@mcp-events/ordering";
import { EventsError } from "@mcp-events/protocol";
import type { Database, Statement } from "better-sqlite3";

/** Where the upstreams of one log stand, and which of their cursors it knows (ORDERING rule 6). */
export class LogGroups {
  readonly #state: Statement<[string], UpstreamState>;
  readonly #setState: Statement<[string, string | null, number]>;
  readonly #mark: Statement<[string, string], number>;
  readonly #setMark: Statement<[string, string, number]>;
  readonly #trimStates: Statement<[number]>;
  readonly #trimMarks: Statement<[number]>;

  constructor(
    db: Database,
    id: number,
    private readonly bounds: { readonly maxGroups: number; readonly maxCursors: number },
  ) {
    const next = (table: string) => `(SELECT coalesce(max(written), 0) + 1 FROM ${table} WHERE log = ${id})`;
    this.#state = db.prepare(`SELECT cursor, seq FROM groups WHERE log = ${id} AND id = ?`);
    this.#setState = db.prepare(
      `INSERT OR REPLACE INTO groups (log, id, cursor, seq, written) VALUES (${id}, ?, ?, ?, ${next("groups")})`,
    );
    this.#mark = db
      .prepare<[string, string], number>(`SELECT seq FROM marks WHERE log = ${id} AND id = ? AND cursor = ?`)
      .pluck();
    this.#setMark = db.prepare(
      `INSERT INTO marks (log, id, cursor, seq, written) VALUES (${id}, ?, ?, ?, ${next("marks")})
       ON CONFLICT DO UPDATE SET written = excluded.written`,
    );
    const trim = (table: string, key: string) =>
      db.prepare<[number]>(
        `DELETE FROM ${table} WHERE log = ${id} AND (${key}) IN (
           SELECT ${key} FROM ${table} WHERE log = ${id} ORDER BY written DESC LIMIT -1 OFFSET ?)`,
      );
    this.#trimStates = trim("groups", "id");
    this.#trimMarks = trim("marks", "id, cursor");
  }

  state(group: string): UpstreamState | undefined {
    return this.#state.get(group);
  }

  /** Number after which the group's entries follow upstream cursor `cursor`. */
  locate(group: string, cursor: string | null): number | undefined {
    return this.#mark.get(group, JSON.stringify(cursor));
  }

  /** @throws EventsError `append_conflict` when the group does not stand at `from`. */
  require({ group, from }: UpstreamAdvance): void {
    const state = this.state(group);
    const cursor = state === undefined ? undefined : state.cursor;
    if (cursor === from) return;
    throw new EventsError(
      "append_conflict",
      `append: upstream group ${group} stands at ${show(cursor)}, not at ${show(from)}; check again from there`,
      { retryable: true },
    );
  }

  /** Moves a group after its entries were appended: they, or what they repeat, lie in (`before`, `head`]. */
  advance(advance: UpstreamAdvance, entries: readonly NewEntry[], before: number, head: number): void {
    const { group, from, to } = advance;
    const old = this.state(group);
    // The first place of a cursor counts: going on from there may repeat, but cannot miss.
    const mark = (cursor: string | null, seq: number) =>
      this.#setMark.run(group, JSON.stringify(cursor), seq);
    if (from !== undefined) mark(from, before);
    for (const cursor of new Set(entries.flatMap(({ upstream }) => beforeOf(group, upstream))))
      mark(cursor, before);
    mark(to, head);
    this.#setState.run(group, to, entries.length > 0 ? head : (old?.seq ?? head));
    this.#trimStates.run(this.bounds.maxGroups);
    this.#trimMarks.run(this.bounds.maxCursors);
  }
}

function beforeOf(group: string, upstream: NewEntry["upstream"]): readonly (string | null)[] {
  return upstream?.group === group ? [upstream.before] : [];
}

function show(cursor: string | null | undefined): string {
  return cursor === undefined ? "no cursor yet" : JSON.stringify(cursor);
}
