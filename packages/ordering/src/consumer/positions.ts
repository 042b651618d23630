import type { Awaitable } from "../contracts";
import { type ConsumerState, parseConsumerState } from "./consumer-state";

/** What is stored of one subscription, as JSON. */
export interface StoredPosition {
  readonly version: 1;
  /** From where to ask the server; `null` for types without replay, which are never stored (CUR-3). */
  readonly cursor: string | null;
  /** The committed position; absent for servers without the ordering extension. */
  readonly state?: ConsumerState | undefined;
  /**
   * `eventId`s committed after `cursor`, oldest first: what servers without the ordering extension, and logs that begin anew
   * and go on from the cursor, give again.
   */
  readonly recent?: readonly string[] | undefined;
}

/** Keeps the committed positions of subscriptions. A `set` that resolved survives whatever the store promises to survive. */
export interface PositionStore {
  /** @throws EventsError `position_store_failed` when the store cannot be read; never answers "nothing" instead. */
  get(key: string): Awaitable<StoredPosition | undefined>;
  /** @throws EventsError `position_store_failed` when it was not stored. */
  set(key: string, position: StoredPosition): Awaitable<void>;
  delete(key: string): Awaitable<void>;
}

/** Positions that live as long as the process. */
export function memoryPositions(): PositionStore {
  const byKey = new Map<string, StoredPosition>();
  return {
    get: (key) => byKey.get(key),
    set: (key, position) => {
      byKey.set(key, position);
    },
    delete: (key) => {
      byKey.delete(key);
    },
  };
}

/** Reads a {@link StoredPosition} out of parsed JSON; `undefined` when it is not one. */
export function parseStoredPosition(value: unknown): StoredPosition | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const { version, cursor, state, recent } = value as Record<string, unknown>;
  if (version !== 1 || (typeof cursor !== "string" && cursor !== null)) return undefined;
  const parsed = state === undefined ? undefined : parseConsumerState(state);
  if (state !== undefined && parsed === undefined) return undefined;
  if (recent !== undefined && !isTexts(recent)) return undefined;
  return { version, cursor, ...(parsed && { state: parsed }), ...(recent !== undefined && { recent }) };
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((text) => typeof text === "string");
}
