import { mkdir, open, readFile, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { type PositionStore, parseStoredPosition, type StoredPosition } from "@mcp-events/ordering";
import { EventsError, isJsonObject } from "@mcp-events/protocol";

/**
 * Keeps positions in one JSON file, for one process at a time. Each change is written to a new file that takes the
 * place of the old one, so that a crash leaves the one or the other; `set` resolves when it is on disk. Changes that
 * come while one is written are written together.
 *
 * @param path - The file; it and its folder are made when they are missing.
 * @returns a store whose methods throw EventsError `position_store_failed` when the file cannot be read, written, or is
 * not what this function wrote: it is never reset in silence.
 */
export function filePositions(path: string): PositionStore {
  return new FilePositions(path);
}

class FilePositions implements PositionStore {
  #positions: Promise<Map<string, StoredPosition>> | undefined;
  #writing: Promise<void> = Promise.resolve();
  #queued: Promise<void> | undefined;

  constructor(private readonly path: string) {}

  async get(key: string): Promise<StoredPosition | undefined> {
    return (await this.#load()).get(key);
  }

  async set(key: string, position: StoredPosition): Promise<void> {
    const positions = await this.#load();
    positions.set(key, position);
    return this.#write(positions);
  }

  async delete(key: string): Promise<void> {
    const positions = await this.#load();
    if (positions.delete(key)) await this.#write(positions);
  }

  /** Read once; a failure is not remembered, so that a repaired file is read. */
  #load(): Promise<Map<string, StoredPosition>> {
    this.#positions ??= readPositions(this.path).catch((error: unknown) => {
      this.#positions = undefined;
      throw error;
    });
    return this.#positions;
  }

  /** One write at a time; everything set until it starts goes with the next. */
  #write(positions: Map<string, StoredPosition>): Promise<void> {
    this.#queued ??= this.#writing
      .catch(() => {})
      .then(() => {
        this.#queued = undefined;
        this.#writing = writePositions(this.path, positions);
        return this.#writing;
      });
    return this.#queued;
  }
}

async function readPositions(path: string): Promise<Map<string, StoredPosition>> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") return new Map();
    throw failed(`${path} cannot be read`, cause);
  }
  const positions = new Map<string, StoredPosition>();
  for (const [key, value] of Object.entries(parseFile(path, text))) {
    const position = parseStoredPosition(value);
    if (position === undefined) throw failed(`${path} is corrupt at ${JSON.stringify(key)}`);
    positions.set(key, position);
  }
  return positions;
}

function parseFile(path: string, text: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw failed(`${path} is corrupt: not JSON`, cause);
  }
  if (isJsonObject(value) && value.version === 1 && isJsonObject(value.positions)) return value.positions;
  throw failed(`${path} is corrupt: not a file of positions`);
}

async function writePositions(path: string, positions: Map<string, StoredPosition>): Promise<void> {
  const text = `${JSON.stringify({ version: 1, positions: Object.fromEntries(positions) }, null, 1)}\n`;
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeDurably(temporary, text);
    await rename(temporary, path);
    await syncFolder(dirname(path));
  } catch (cause) {
    await rm(temporary, { force: true }).catch(() => {});
    throw failed(`${path} cannot be written`, cause);
  }
}

async function writeDurably(path: string, text: string): Promise<void> {
  const file = await open(path, "w");
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Makes the rename itself durable, where the platform can. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, "r").catch(() => undefined);
  try {
    await folder?.sync().catch(() => {});
  } finally {
    await folder?.close();
  }
}

function failed(message: string, cause?: unknown): EventsError {
  const reason = cause instanceof Error ? `: ${cause.message}` : "";
  return new EventsError("position_store_failed", `${message}${reason}`, { cause });
}
