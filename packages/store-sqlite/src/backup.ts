import { closeSync, existsSync, openSync } from "node:fs";
import { EventsError } from "@mcp-events/protocol";
import Database from "better-sqlite3";
import { failure } from "./failure";
import type { SqliteFile } from "./sqlite-file";

/** Copies an open file, and marks the copy as one. */
export async function backup(file: SqliteFile, to: string): Promise<void> {
  file.requireOpen("backup");
  if (existsSync(to))
    throw new EventsError("store_failed", `backup: ${to} exists already; give another path`);
  try {
    closeSync(openSync(to, "wx", 0o600));
    await file.db.backup(to);
    const copy = new Database(to);
    copy.exec("UPDATE meta SET value = 1 WHERE key = 'copied'");
    copy.close();
  } catch (error) {
    throw failure(error, to, "store_failed");
  }
}
