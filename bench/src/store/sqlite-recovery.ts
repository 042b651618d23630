import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sqliteStore } from "@mcp-events/store-sqlite";
import Database from "better-sqlite3";
import type { Bench } from "../harness";
import { newEntries } from "./rows";

const COUNT = 1_000_000;
/** So many are written by the store, the others by SQL: a million by themselves take minutes. */
const TAIL = 2_000;

let folder: string | undefined;

/** A file with a million events as kill -9 leaves it: with a write-ahead log that nobody moved into it. */
async function left(): Promise<string> {
  if (folder !== undefined) return folder;
  folder = mkdtempSync(join(tmpdir(), "bench-sqlite-"));
  const path = join(folder, "writing.db");
  fill(path);
  const store = sqliteStore(path, { maxEntries: COUNT, maxBytes: Number.POSITIVE_INFINITY });
  const log = store.open("events");
  for (let n = COUNT - TAIL; n < COUNT; n += 100) await log.append(newEntries(100, n));
  for (const end of ["", "-wal"])
    copyFileSync(join(folder, `writing.db${end}`), join(folder, `left.db${end}`));
  store.close();
  return folder;
}

function fill(path: string): void {
  const store = sqliteStore(path);
  store.open("events");
  store.close();
  const db = new Database(path);
  const now = Date.now();
  db.exec(`
    INSERT INTO entries_1 (seq, name, event_id, appended_at, bytes, kind, timestamp, data)
      WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < ${COUNT - TAIL})
      SELECT n, 'type.' || (n % 20), 'filled-' || n, ${now}, 530, 'event', '2026-01-01T00:00:00.000Z',
        '{"index":' || n || ',"text":"${"x".repeat(300)}"}' FROM numbers;
    UPDATE logs SET head = ${COUNT - TAIL}, last_at = ${now}, bytes = ${530 * (COUNT - TAIL)};
  `);
  db.close();
}

/** Opens a fresh copy of what was left; milliseconds until `opened` has read what it wants. */
async function reopened(opened: (path: string) => () => void): Promise<number> {
  const from = await left();
  for (const end of ["", "-wal"]) copyFileSync(join(from, `left.db${end}`), join(from, `again.db${end}`));
  const startedAt = performance.now();
  const close = opened(join(from, "again.db"));
  const took = performance.now() - startedAt;
  close();
  return took;
}

function raw(path: string) {
  const db = new Database(path);
  db.pragma("locking_mode = EXCLUSIVE");
  db.prepare("SELECT max(seq) FROM entries_1").get();
  return () => db.close();
}

function store(path: string) {
  const file = sqliteStore(path);
  const log = file.open("events");
  const page = log.read({ after: COUNT - 10, limit: 10 });
  if (page instanceof Promise || page.entries.length !== 10) throw new Error("events are missing");
  return () => file.close();
}

export const sqliteRecovery: Bench = {
  name: "open a file with 1,000,000 events after kill -9, and read the last ten",
  unit: "ms",
  rounds: 3,
  note: "lower is better; the raw variant opens the file and asks for the greatest number",
  variants: { "better-sqlite3": () => reopened(raw), sqliteStore: () => reopened(store) },
  async close() {
    if (folder !== undefined) rmSync(folder, { recursive: true });
    folder = undefined;
  },
};
