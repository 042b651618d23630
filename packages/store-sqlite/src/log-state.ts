import type { Database, Statement } from "better-sqlite3";

/** What is known of a log without looking at its entries; all of it is in the file, too. */
export interface LogState {
  head: number;
  /** The newest entry's append time. */
  lastAt: number;
  /** Of all entries kept. */
  bytes: number;
  /** Number of the last entry that retention took, and its append time. */
  dropped: number;
  droppedAt: number;
  /** Append time of the oldest entry kept; `undefined` when there is none. */
  oldestAt: number | undefined;
  /** Number of the last entry taken, by event type. */
  droppedByName: Map<string, number>;
}

interface LogRow {
  head: number;
  last_at: number;
  bytes: number;
  dropped: number;
  dropped_at: number;
}

/** Reads and writes the {@link LogState} of one log. */
export class LogStateRow {
  readonly #get: Statement<[], LogRow>;
  readonly #set: Statement<number[]>;
  readonly #names: Statement<[], [string, number]>;
  readonly #setName: Statement<[string, number]>;
  readonly #oldest: Statement<[number], number>;

  constructor(db: Database, id: number) {
    this.#get = db.prepare(`SELECT head, last_at, bytes, dropped, dropped_at FROM logs WHERE id = ${id}`);
    this.#set = db.prepare(
      `UPDATE logs SET head = ?, last_at = ?, bytes = ?, dropped = ?, dropped_at = ? WHERE id = ${id}`,
    );
    this.#names = db.prepare<[], [string, number]>(`SELECT name, seq FROM dropped WHERE log = ${id}`).raw();
    this.#setName = db.prepare(
      `INSERT INTO dropped (log, name, seq) VALUES (${id}, ?, ?) ON CONFLICT DO UPDATE SET seq = excluded.seq`,
    );
    this.#oldest = db
      .prepare<[number], number>(`SELECT appended_at FROM entries_${id} WHERE seq > ? ORDER BY seq LIMIT 1`)
      .pluck();
  }

  read(): LogState {
    const { head, last_at, bytes, dropped, dropped_at } = this.#get.get()!;
    return {
      head,
      lastAt: last_at,
      bytes,
      dropped,
      droppedAt: dropped_at,
      oldestAt: this.oldestAfter(dropped),
      droppedByName: new Map(this.#names.all()),
    };
  }

  write({ head, lastAt, bytes, dropped, droppedAt }: LogState): void {
    this.#set.run(head, lastAt, bytes, dropped, droppedAt);
  }

  writeDropped(name: string, seq: number): void {
    this.#setName.run(name, seq);
  }

  /** Append time of the first entry after a number. */
  oldestAfter(seq: number): number | undefined {
    return this.#oldest.get(seq);
  }
}
