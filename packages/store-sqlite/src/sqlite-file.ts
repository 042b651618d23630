import { closeSync, openSync } from "node:fs";
import { EventsError } from "@mcp-events/protocol";
import Database from "better-sqlite3";
import { failure } from "./failure";
import type { Synchronous } from "./options";
import { APPLICATION_ID, SCHEMA, SCHEMA_VERSION } from "./schema";
import { Writer } from "./writer";

/** An open file, which nobody else may open. */
export class SqliteFile {
  readonly db: Database.Database;
  readonly writer: Writer;
  #closed = false;

  /** @throws EventsError `store_in_use`, `store_unusable`, `store_failed`, each with the path; `option_invalid`. */
  constructor(
    readonly path: string,
    synchronous: Synchronous,
  ) {
    requirePath(path);
    this.db = this.guard(() => open(path, synchronous), "store_failed");
    this.writer = new Writer(this.db, (error) => failure(error, path, "store_failed"));
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** Runs something at once; its errors are ours. */
  guard<T>(
    fn: () => T,
    otherwise: "store_failed" | "append_failed" | "position_store_failed" = "store_failed",
  ): T {
    try {
      return fn();
    } catch (error) {
      throw failure(error, this.path, otherwise);
    }
  }

  /** @throws EventsError `closed`. */
  requireOpen(what: string): void {
    if (this.#closed) throw this.closedError(what);
  }

  closedError(what: string): EventsError {
    return new EventsError("closed", `${what}: sqlite ${this.path} is closed`);
  }

  /** Writes what waits, moves everything into the main file, and lets go of it. Idempotent. */
  close(): void {
    if (this.#closed) return;
    this.writer.flush();
    this.#closed = true;
    this.guard(() => {
      try {
        this.db.pragma("wal_checkpoint(TRUNCATE)");
      } finally {
        this.db.close();
      }
    });
  }
}

function requirePath(path: string): void {
  if (path !== "" && !path.startsWith(":") && !path.startsWith("file:")) return;
  throw new EventsError(
    "option_invalid",
    `sqlite: needs the path of a file, got ${JSON.stringify(path)}; what is to live in memory is a memoryStore`,
  );
}

function open(path: string, synchronous: Synchronous): Database.Database {
  createPrivate(path);
  const db = new Database(path, { timeout: 0 });
  try {
    // Before anything is written: a file that is not ours, or newer, is left as it is.
    db.pragma("locking_mode = EXCLUSIVE");
    const isNew = isEmpty(db, path);
    db.pragma("journal_mode = WAL");
    db.pragma("secure_delete = FAST");
    db.pragma(`synchronous = ${synchronous.toUpperCase()}`);
    db.exec("BEGIN IMMEDIATE");
    if (isNew) {
      db.exec(SCHEMA);
      db.pragma(`application_id = ${APPLICATION_ID}`);
      db.pragma(`user_version = ${SCHEMA_VERSION}`);
    }
    db.exec("COMMIT");
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

/** The file has secrets and payloads: only its owner may read it. */
function createPrivate(path: string): void {
  try {
    closeSync(openSync(path, "a", 0o600));
  } catch (cause) {
    throw new EventsError("store_failed", `sqlite ${path}: cannot be opened: ${String(cause)}`, { cause });
  }
}

/** @throws EventsError `store_unusable` for a file of another application, or of a newer version. */
function isEmpty(db: Database.Database, path: string): boolean {
  const tables = db.prepare("SELECT count(*) FROM sqlite_schema").pluck().get();
  const application = db.pragma("application_id", { simple: true });
  const version = db.pragma("user_version", { simple: true }) as number;
  if (tables === 0 && application === 0) return true;
  if (application !== APPLICATION_ID) {
    throw new EventsError(
      "store_unusable",
      `sqlite ${path}: is a database of another application. Nothing was changed; give another path.`,
    );
  }
  if (version > SCHEMA_VERSION) {
    throw new EventsError(
      "store_unusable",
      `sqlite ${path}: was written by a newer version of @mcp-events/store-sqlite (format ${version}, this one knows ` +
        `${SCHEMA_VERSION}). Nothing was changed; install that version, or restore a backup from before.`,
    );
  }
  return false;
}
