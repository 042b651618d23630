import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sqliteStore } from "@mcp-events/store-sqlite";
import Database from "better-sqlite3";
import type { Bench } from "../harness";
import { newEntries } from "./rows";

const COUNT = 1_000_000;
const AT_ONCE = 5_000;

let folder: string | undefined;

/** A file with a million events as kill -9 leaves it: with a write-ahead log that nobody moved into it. */
async function left(): Promise<string> {
  if (folder !== undefined) return folder;
  folder = mkdtempSync(join(tmpdir(), "bench-sqlite-"));
  const store = sqliteStore(join(folder, "writing.db"), { synchronous: "normal" });
  const log = store.open("events");
  for (let n = 0; n < COUNT; n += AT_ONCE) await log.append(newEntries(AT_ONCE, n));
  for (const end of ["", "-wal"])
    copyFileSync(join(folder, `writing.db${end}`), join(folder, `left.db${end}`));
  store.close();
  return folder;
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
