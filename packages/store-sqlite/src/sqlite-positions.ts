import { type PositionStore, parseStoredPosition, type StoredPosition } from "@mcp-events/ordering";
import { EventsError } from "@mcp-events/protocol";
import { resolveOptions, type SqliteFileOptions } from "./options";
import { SqliteFile } from "./sqlite-file";

/** Positions in a file of their own; to be closed. */
export interface SqlitePositions extends PositionStore, Disposable {
  /** Lets go of the file. Idempotent. */
  close(): void;
}

/**
 * A client's committed positions in a SQLite file, which one process at a time may open.
 *
 * @param path - Made when it is not there, readable by its owner only.
 * @throws EventsError `store_in_use`, `store_unusable`, `store_failed`, `option_invalid`.
 */
export function sqlitePositions(path: string, options: SqliteFileOptions = {}): SqlitePositions {
  const file = new SqliteFile(path, resolveOptions(options).synchronous);
  const close = () => file.close();
  return { ...positionsOf(file), close, [Symbol.dispose]: close };
}

/** The positions in a file. */
export function positionsOf(file: SqliteFile): PositionStore {
  const { db } = file;
  const select = db.prepare<[string], string>("SELECT position FROM positions WHERE key = ?").pluck();
  const replace = db.prepare<[string, string]>(
    "INSERT OR REPLACE INTO positions (key, position) VALUES (?, ?)",
  );
  const remove = db.prepare<[string]>("DELETE FROM positions WHERE key = ?");
  const write = async (run: () => unknown): Promise<void> => {
    try {
      file.requireOpen("positions");
      await file.writer.write(run);
    } catch (cause) {
      throw failed(file.path, cause);
    }
  };
  return {
    get(key) {
      try {
        file.requireOpen("positions");
        return parse(select.get(key), key);
      } catch (cause) {
        throw failed(file.path, cause);
      }
    },
    set(key, position) {
      const text = JSON.stringify(position);
      return write(() => replace.run(key, text));
    },
    delete: (key) => write(() => remove.run(key)),
  };
}

function parse(text: string | undefined, key: string): StoredPosition | undefined {
  if (text === undefined) return undefined;
  const position = parseStoredPosition(JSON.parse(text));
  if (position === undefined) throw new Error(`what is stored for ${JSON.stringify(key)} is no position`);
  return position;
}

function failed(path: string, cause: unknown): EventsError {
  const { message } = cause as Error;
  return new EventsError("position_store_failed", `sqlite ${path}: ${message}`, { cause, retryable: true });
}
