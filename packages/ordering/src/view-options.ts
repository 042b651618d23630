import { type Clock, EventsError, type JsonObject, MAX_TIMER_MS } from "@mcp-events/protocol";
import type { Awaitable, Entry, EventLog } from "./contracts";

/** What a {@link View} is made of. */
export interface ViewOptions {
  readonly log: EventLog;
  /** Name of the event type. */
  readonly name: string;
  /** Who reads: {@link audienceOf}. */
  readonly audience: string;
  /** Whether an event belongs to the view; default: all do. A function of the event and the arguments (rule 5). */
  readonly match?: ((data: JsonObject, entry: Entry) => Awaitable<boolean>) | undefined;
  /** Shapes the data; default: as it is. */
  readonly transform?: ((data: JsonObject, entry: Entry) => Awaitable<JsonObject>) | undefined;
  readonly clock: Clock;
  /** Entries evaluated at the same time; default 64. */
  readonly lookAhead?: number | undefined;
  /** Results kept for the readers of one stretch of the log; default 256, at least `2 * lookAhead`. */
  readonly ringSize?: number | undefined;
  /** Entries looked at by one `take`; default 1000. */
  readonly scanLimit?: number | undefined;
  /** Time for one attempt at `match` and `transform`, in milliseconds; default 5000. */
  readonly evaluationTimeoutMs?: number | undefined;
  /** Attempts after the first; default 2. */
  readonly evaluationRetries?: number | undefined;
  /** Pause before the first retry in milliseconds, doubled for each next; default 100. */
  readonly evaluationBackoffMs?: number | undefined;
  /** Ordering keys remembered for `keyPrev` by one stretch of the log; default 10,000. */
  readonly maxKeys?: number | undefined;
  /** Told of each entry whose evaluation was given up; must not throw. */
  readonly onGiveUp?: ((entry: Entry, error: unknown) => void) | undefined;
}

/** Defaults of {@link View}. */
export const VIEW_DEFAULTS = {
  lookAhead: 64,
  ringSize: 256,
  scanLimit: 1000,
  evaluationTimeoutMs: 5000,
  evaluationRetries: 2,
  evaluationBackoffMs: 100,
  maxKeys: 10_000,
} as const;

/** {@link ViewOptions} with every default filled in. */
export type ResolvedViewOptions = Omit<ViewOptions, keyof typeof VIEW_DEFAULTS> & {
  readonly [Field in keyof typeof VIEW_DEFAULTS]: number;
};

/** @throws EventsError `option_invalid` naming the option. */
export function resolveViewOptions(options: ViewOptions): ResolvedViewOptions {
  const whole = (
    field: keyof typeof VIEW_DEFAULTS,
    least: number,
    fallback: number = VIEW_DEFAULTS[field],
  ) => {
    const value = options[field] ?? fallback;
    if (Number.isInteger(value) && value >= least && value <= MAX_TIMER_MS) return value;
    throw new EventsError(
      "option_invalid",
      `View: ${field} must be an integer of at least ${least}, got ${value}`,
    );
  };
  const lookAhead = whole("lookAhead", 1);
  return {
    ...options,
    lookAhead,
    ringSize: whole("ringSize", 2 * lookAhead, Math.max(VIEW_DEFAULTS.ringSize, 2 * lookAhead)),
    scanLimit: whole("scanLimit", 1),
    evaluationTimeoutMs: whole("evaluationTimeoutMs", 1),
    evaluationRetries: whole("evaluationRetries", 0),
    evaluationBackoffMs: whole("evaluationBackoffMs", 0),
    maxKeys: whole("maxKeys", 1),
  };
}
