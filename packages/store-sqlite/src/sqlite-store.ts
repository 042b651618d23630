import { randomBytes } from "node:crypto";
import type { EventLog, LogStore, PositionStore, WebhookStore } from "@mcp-events/ordering";
import { EventsError } from "@mcp-events/protocol";
import { backup } from "./backup";
import { bootId } from "./boot";
import { type ResolvedOptions, resolveOptions, type SqliteOptions } from "./options";
import { entriesSchema } from "./schema";
import { SecretBox } from "./secret-box";
import { SqliteFile } from "./sqlite-file";
import { SqliteLetters } from "./sqlite-letters";
import { type LogIdentity, SqliteLog } from "./sqlite-log";
import { positionsOf } from "./sqlite-positions";
import { SqliteSubscriptions } from "./sqlite-subscriptions";
import { takeOver } from "./take-over";

/** Everything of one server in one file. */
export interface SqliteStore extends LogStore {
  open(name: string): EventLog;
  /**
   * Webhook subscriptions and dead letters.
   *
   * @throws EventsError `option_invalid` when neither `secretKey` nor `plaintextSecrets` was given.
   */
  readonly webhooks: WebhookStore;
  /** Positions of event clients in the same process. */
  readonly positions: PositionStore;
  /**
   * Copies everything into another file while the store is used. A server that opens the copy begins new epochs: what came
   * after it is gone, and every consumer is told.
   *
   * @param path - Must not exist.
   * @throws EventsError `store_failed`.
   */
  backup(path: string): Promise<void>;
  close(): void;
}

/**
 * Opens a file, or makes it, readable by its owner only. One process at a time may: the lock is the operating system's, and
 * ends with the process.
 *
 * @throws EventsError `store_in_use` when another process or store has it open; `store_unusable` when it is damaged, newer,
 * another application's, or its secrets cannot be read; `store_failed`; `option_invalid` naming the option.
 */
export function sqliteStore(path: string, options: SqliteOptions = {}): SqliteStore {
  const resolved = resolveOptions(options);
  const file = new SqliteFile(path, resolved.synchronous);
  try {
    return file.guard(() => storeOf(file, resolved));
  } catch (error) {
    file.close();
    throw error;
  }
}

function storeOf(file: SqliteFile, options: ResolvedOptions): SqliteStore {
  const { clock, secretKeys, plaintextSecrets, maxDeadLetters } = options;
  const secrets = new SecretBox(secretKeys);
  const keepsSecrets = secretKeys.length > 0 || plaintextSecrets;
  const { synchronous } = options;
  // Pages that become free are overwritten while they may hold secrets that anybody can read.
  file.db.pragma("secure_delete = ON");
  takeOver(file, secrets, { now: clock.now(), boot: bootId(), synchronous, sealsSecrets: keepsSecrets });
  if (!plaintextSecrets) file.db.pragma("secure_delete = FAST");
  // What says that numbers may be lost must not be lost with them: `normal` leaves it to the next checkpoint.
  if (synchronous === "normal") file.db.pragma("wal_checkpoint(TRUNCATE)");
  const logs = new Map<string, SqliteLog>();
  const webhooks: WebhookStore = {
    shared: false,
    subscriptions: new SqliteSubscriptions(file, secrets, () => clock.now()),
    deadLetters: new SqliteLetters(file, maxDeadLetters),
  };
  return {
    durable: true,
    positions: positionsOf(file),
    get webhooks() {
      if (keepsSecrets) return webhooks;
      throw new EventsError(
        "option_invalid",
        "sqliteStore: webhook subscriptions have secrets: give secretKey, which encrypts them, or plaintextSecrets: true",
      );
    },
    open(name) {
      file.requireOpen(`log "${name}"`);
      const known = logs.get(name);
      if (known !== undefined) return known;
      const log = file.guard(() => new SqliteLog(file, identityOf(file, name, clock.now()), options));
      logs.set(name, log);
      return log;
    },
    backup: (to) => backup(file, to),
    close() {
      try {
        if (!file.closed) file.guard(() => file.db.exec("UPDATE meta SET value = 0 WHERE key = 'open'"));
      } finally {
        file.close();
      }
    },
  };
}

function identityOf(file: SqliteFile, name: string, now: number): LogIdentity {
  const { db } = file;
  const find = db.prepare<[string], LogIdentity>("SELECT id, name, salt, epoch FROM logs WHERE name = ?");
  const known = find.get(name);
  if (known !== undefined) return known;
  file.writer.flush();
  db.transaction(() => {
    const { lastInsertRowid } = db
      .prepare(
        `INSERT INTO logs (name, salt, epoch, head, last_at, bytes, dropped, dropped_at)
         VALUES (?, ?, ?, 0, 0, 0, 0, 0)`,
      )
      .run(name, randomBytes(16).toString("hex"), Math.floor(now));
    db.exec(entriesSchema(Number(lastInsertRowid)));
  })();
  return find.get(name)!;
}
