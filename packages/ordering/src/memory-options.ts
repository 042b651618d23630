import { type Clock, EventsError, systemClock } from "@mcp-events/protocol";

/** Options of {@link memoryStore}; each log of the store keeps to them by itself. */
export interface MemoryLogOptions {
  /** Most entries kept. */
  readonly maxEntries?: number | undefined;
  /** Most bytes kept, counted as JSON; the newest entry is kept whatever its size. */
  readonly maxBytes?: number | undefined;
  /** How long an entry is kept, in milliseconds; looked at when the log is used, without a timer. */
  readonly maxAgeMs?: number | undefined;
  /** How long an `eventId` is remembered, in milliseconds; default: as long as its entry (rule 2). */
  readonly dedupeWindowMs?: number | undefined;
  /** Most upstream groups remembered (rule 6); the one not written for longest is forgotten first. */
  readonly maxGroups?: number | undefined;
  /** Most upstream cursors, of all groups together, whose place in the log is remembered; oldest forgotten first. */
  readonly maxCursors?: number | undefined;
  readonly clock?: Clock | undefined;
  /** Uniform in [0, 1); default from the platform's secure source. */
  readonly random?: (() => number) | undefined;
}

/** Defaults of {@link memoryStore}. */
export const MEMORY_LOG_DEFAULTS = {
  maxEntries: 100_000,
  maxBytes: 64 * 1024 * 1024,
  maxAgeMs: 24 * 60 * 60 * 1000,
  dedupeWindowMs: Number.POSITIVE_INFINITY,
  maxGroups: 10_000,
  maxCursors: 100_000,
} as const;

/** {@link MemoryLogOptions} with every default filled in. */
export interface ResolvedMemoryOptions {
  readonly maxEntries: number;
  readonly maxBytes: number;
  readonly maxAgeMs: number;
  readonly dedupeWindowMs: number;
  readonly maxGroups: number;
  readonly maxCursors: number;
  readonly clock: Clock;
  readonly random: () => number;
}

/** @throws EventsError `option_invalid` naming the option. */
export function resolveMemoryOptions(options: MemoryLogOptions): ResolvedMemoryOptions {
  const positive = (field: keyof typeof MEMORY_LOG_DEFAULTS): number => {
    const value = options[field] ?? MEMORY_LOG_DEFAULTS[field];
    if (value > 0) return value;
    throw new EventsError("option_invalid", `memoryStore: ${field} must be greater than 0, got ${value}`);
  };
  return {
    maxEntries: positive("maxEntries"),
    maxBytes: positive("maxBytes"),
    maxAgeMs: positive("maxAgeMs"),
    dedupeWindowMs: positive("dedupeWindowMs"),
    maxGroups: positive("maxGroups"),
    maxCursors: positive("maxCursors"),
    clock: options.clock ?? systemClock,
    random: options.random ?? secureRandom,
  };
}

function secureRandom(): number {
  const word = new Uint32Array(1);
  return crypto.getRandomValues(word)[0]! / 2 ** 32;
}
