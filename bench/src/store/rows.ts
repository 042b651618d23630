import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { NewEntry } from "@mcp-events/ordering";
import Database from "better-sqlite3";

/** Events of about 350 bytes and 20 types, from number `first`. */
export function newEntries(count: number, first = 0): NewEntry[] {
  return Array.from({ length: count }, (_, index) => ({
    kind: "event",
    name: `type.${index % 20}`,
    eventId: `e${first + index}`,
    timestamp: "2026-01-01T00:00:00.000Z",
    data: { index: first + index, text: "x".repeat(300) },
    dataBytes: 330,
  }));
}

/** A folder for one measurement. */
export async function inFolder<T>(measure: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "bench-sqlite-"));
  try {
    return await measure(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The same rows and indexes by better-sqlite3 alone: nothing is looked up, counted, dropped or told. */
export function rawTable(path: string) {
  const db = new Database(path);
  db.pragma("locking_mode = EXCLUSIVE");
  db.pragma("journal_mode = WAL");
  db.pragma("synchronous = FULL");
  db.exec(`
    CREATE TABLE entries (seq INTEGER PRIMARY KEY, name TEXT, event_id TEXT, audience TEXT, appended_at INTEGER,
      bytes INTEGER, kind TEXT, timestamp TEXT, data TEXT);
    CREATE INDEX by_name ON entries (name, seq);
    CREATE INDEX by_event_id ON entries (event_id, audience);
  `);
  const insert = db.prepare(
    "INSERT INTO entries (name, event_id, appended_at, bytes, kind, timestamp, data) VALUES (?, ?, ?, ?, ?, ?, ?)",
  );
  const add = ({ name, eventId, kind, timestamp, data }: NewEntry) => {
    insert.run(name, eventId, Date.now(), 530, kind, timestamp, JSON.stringify(data));
  };
  const addAll = db.transaction((batch: readonly NewEntry[]) => {
    for (const entry of batch) add(entry);
  });
  return { add, addAll, close: () => db.close() };
}
