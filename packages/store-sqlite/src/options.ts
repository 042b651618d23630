import { type Clock, EventsError, systemClock } from "@mcp-events/protocol";

/** A key for secrets at rest: at least 32 bytes, or as many characters. */
export type SecretKey = string | Uint8Array;

/** What a commit waits for. */
export type Synchronous = "full" | "normal";

/** Options of {@link sqlitePositions}, which {@link SqliteOptions} has too. */
export interface SqliteFileOptions {
  /**
   * What a commit waits for. `full` (default): until the disk has it, so that what was answered survives a power cut.
   * `normal`: until the operating system has it; a killed process loses nothing, a power cut may lose the last moments, and
   * every log then begins a new epoch.
   */
  readonly synchronous?: Synchronous | undefined;
  readonly clock?: Pick<Clock, "now"> | undefined;
}

/** Options of {@link sqliteStore}; each log of the file keeps to its bounds by itself. */
export interface SqliteOptions extends SqliteFileOptions {
  /** Most entries kept. */
  readonly maxEntries?: number | undefined;
  /** Most bytes kept, counted as JSON without indexes; the newest entry is kept whatever its size. */
  readonly maxBytes?: number | undefined;
  /** How long an entry is kept, in milliseconds; looked at when the log is used, without a timer. */
  readonly maxAgeMs?: number | undefined;
  /** Most upstream groups remembered in a log (rule 6); the one not written for longest is forgotten first. */
  readonly maxGroups?: number | undefined;
  /** Most upstream cursors of a log, of all groups together, whose place is remembered; oldest forgotten first. */
  readonly maxCursors?: number | undefined;
  /** Most dead letters kept; the oldest leave. */
  readonly maxDeadLetters?: number | undefined;
  /**
   * Encrypts the secrets of webhook subscriptions in the file. To replace a key give the new one first and the old one
   * after it: opening the file encrypts everything anew, and the old key can go.
   */
  readonly secretKey?: SecretKey | readonly SecretKey[] | undefined;
  /** Keeps the secrets of webhook subscriptions as they are: whoever reads the file can sign in the server's name. */
  readonly plaintextSecrets?: boolean | undefined;
}

/** Defaults of {@link sqliteStore}. */
export const SQLITE_DEFAULTS = {
  synchronous: "full",
  maxEntries: 1_000_000,
  maxBytes: 1024 * 1024 * 1024,
  maxAgeMs: 7 * 24 * 60 * 60 * 1000,
  maxGroups: 10_000,
  maxCursors: 100_000,
  maxDeadLetters: 10_000,
} as const;

type Bound = Exclude<keyof typeof SQLITE_DEFAULTS, "synchronous">;

/** {@link SqliteOptions} with every default filled in. */
export type ResolvedOptions = { readonly [K in Bound]: number } & {
  readonly synchronous: Synchronous;
  readonly clock: Pick<Clock, "now">;
  /** The newest first; none: plain text, when that was asked for. */
  readonly secretKeys: readonly SecretKey[];
  readonly plaintextSecrets: boolean;
};

const MIN_KEY_LENGTH = 32;

/** @throws EventsError `option_invalid` naming the option. */
export function resolveOptions(options: SqliteOptions): ResolvedOptions {
  const bound = (field: Bound): number => {
    const value = options[field] ?? SQLITE_DEFAULTS[field];
    if (value > 0) return value;
    throw invalid(field, `must be greater than 0, got ${value}`);
  };
  const { secretKey, plaintextSecrets = false, synchronous = SQLITE_DEFAULTS.synchronous } = options;
  const secretKeys = secretKey === undefined ? [] : Array.isArray(secretKey) ? secretKey : [secretKey];
  if (secretKeys.some((key) => key.length < MIN_KEY_LENGTH)) {
    throw invalid("secretKey", `must have at least ${MIN_KEY_LENGTH} bytes or characters`);
  }
  if (plaintextSecrets && secretKeys.length > 0) {
    throw invalid("plaintextSecrets", "and secretKey exclude each other");
  }
  if (synchronous !== "full" && synchronous !== "normal") {
    throw invalid("synchronous", `must be "full" or "normal", got ${JSON.stringify(synchronous)}`);
  }
  return {
    maxEntries: bound("maxEntries"),
    maxBytes: bound("maxBytes"),
    maxAgeMs: bound("maxAgeMs"),
    maxGroups: bound("maxGroups"),
    maxCursors: bound("maxCursors"),
    maxDeadLetters: bound("maxDeadLetters"),
    synchronous,
    clock: options.clock ?? systemClock,
    secretKeys,
    plaintextSecrets,
  };
}

function invalid(option: string, reason: string): EventsError {
  return new EventsError("option_invalid", `sqliteStore: ${option} ${reason}`);
}
