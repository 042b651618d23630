import { EventsError, type EventsErrorCode } from "@mcp-events/protocol";

/** What SQLite calls an error of its own, such as `SQLITE_FULL`; `undefined` for any other. */
export function sqliteCode(error: unknown): string | undefined {
  const { code } = Object(error) as { code?: unknown };
  return typeof code === "string" && code.startsWith("SQLITE_") ? code : undefined;
}

const UNUSABLE = ["SQLITE_CORRUPT", "SQLITE_NOTADB", "SQLITE_SCHEMA"];

/**
 * An error of SQLite as one of ours, with the path and what to do; any other error as it is.
 *
 * @param otherwise - Code of what may succeed later.
 */
export function failure(error: unknown, path: string, otherwise: EventsErrorCode): unknown {
  const code = sqliteCode(error);
  if (code === undefined) return error;
  const { message } = error as Error;
  if (code.startsWith("SQLITE_BUSY") || code.startsWith("SQLITE_LOCKED")) {
    return new EventsError(
      "store_in_use",
      `sqlite ${path}: another process or store has it open. One process at a time may; stop the other one, or use a ` +
        "store that several share.",
      { cause: error, retryable: true },
    );
  }
  if (UNUSABLE.some((one) => code.startsWith(one))) {
    return new EventsError(
      "store_unusable",
      `sqlite ${path}: ${message} (${code}). Nothing was changed. Keep the file and its -wal, then restore a backup, or ` +
        "save what can be read with `sqlite3 FILE .recover`.",
      { cause: error },
    );
  }
  return new EventsError(otherwise, `sqlite ${path}: ${message} (${code})`, {
    cause: error,
    retryable: true,
  });
}
