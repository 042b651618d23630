import { randomBytes } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { type LogStore, memoryStore } from "@mcp-events/ordering";
import { sqliteStore } from "@mcp-events/store-sqlite";
import type { EverythingOptions } from "./options";
import { openStore } from "./store";

/**
 * Where the fixture keeps events and subscriptions: in memory, with `--data` in a file that outlives it (ORD-7), or with
 * `--store` where several processes share them (ORD-6).
 */
export function fixtureStore({ data, store, retentionEvents: maxEntries }: EverythingOptions): LogStore {
  if (store !== undefined) return openStore(store, maxEntries);
  if (data === undefined) return memoryStore({ maxEntries });
  return sqliteStore(data, { maxEntries, secretKey: keyBeside(data) });
}

/** A key in a file of its own, so that the fixture needs no setting up; a deployment takes its key from elsewhere. */
function keyBeside(data: string): string {
  const path = `${data}.key`;
  try {
    writeFileSync(path, randomBytes(32).toString("base64"), { flag: "wx", mode: 0o600 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
  return readFileSync(path, "utf8");
}
