import { closeSync, existsSync, openSync, renameSync, rmSync } from "node:fs";
import { EventsError } from "@mcp-events/protocol";
import Database from "better-sqlite3";
import { failure } from "./failure";
import type { SqliteFile } from "./sqlite-file";

/** Copies an open file. The copy has its name only once it is whole and marked as one: it must not pass for the original. */
export async function backup(file: SqliteFile, to: string): Promise<void> {
  file.requireOpen("backup");
  if (existsSync(to))
    throw new EventsError("store_failed", `backup: ${to} exists already; give another path`);
  const partial = `${to}.partial`;
  try {
    rmSync(partial, { force: true });
    closeSync(openSync(partial, "wx", 0o600));
    await file.db.backup(partial);
    const copy = new Database(partial);
    copy.exec("UPDATE meta SET value = 1 WHERE key = 'copied'");
    copy.close();
    renameSync(partial, to);
  } catch (error) {
    rmSync(partial, { force: true });
    throw failure(error, to, "store_failed");
  }
}
