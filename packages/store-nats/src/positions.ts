import { createHash } from "node:crypto";
import { type PositionStore, parseStoredPosition, type StoredPosition } from "@mcp-events/ordering";
import { EventsError } from "@mcp-events/protocol";
import { Connection } from "./connection";
import { Cell } from "./kv/cas";
import { type NatsStoreOptions, resolveNatsOptions } from "./options";

/** A {@link PositionStore} that any number of processes share. */
export interface NatsPositions extends PositionStore {
  close(): Promise<void>;
}

/**
 * A client's committed positions in NATS JetStream.
 *
 * @throws EventsError `option_invalid` naming the option.
 */
export function natsPositions(options: NatsStoreOptions): NatsPositions {
  const connection = new Connection(resolveNatsOptions(options));
  const cell = new Cell<StoredPosition>(connection, "positions");
  return {
    get: (key) =>
      failing("read", async () => {
        const { value } = await cell.get(keyOf(key));
        const position = value === undefined ? undefined : parseStoredPosition(value);
        if (value !== undefined && position === undefined)
          throw new Error("what is stored is not a position");
        return position;
      }),
    set: (key, position) => failing("stored", () => cell.put(keyOf(key), position)),
    delete: (key) => failing("deleted", () => cell.remove(keyOf(key))),
    close: () => connection.close(),
  };
}

function keyOf(key: string): string {
  return createHash("sha256").update(key).digest("hex");
}

async function failing<T>(what: string, fn: () => Promise<T>): Promise<T> {
  try {
    return await fn();
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const message = `natsPositions: a position was not ${what}: ${reason}`;
    throw new EventsError("position_store_failed", message, { cause, retryable: true });
  }
}
