import { RESEQUENCER_DEFAULTS } from "@mcp-events/ordering";
import { EventsError, MAX_TIMER_MS } from "@mcp-events/protocol";

/** How webhook subscriptions live and how their deliveries are retried; `createEventServer({webhooks})`. */
export interface WebhookOptions {
  /** Lifetime granted when none is asked for, in milliseconds (HOOK-6). */
  defaultTtlMs?: number | undefined;
  /** Shortest lifetime granted, in milliseconds. */
  minTtlMs?: number | undefined;
  /** Longest lifetime granted, in milliseconds; also what "no expiry" gets without a durable store. */
  maxTtlMs?: number | undefined;
  /**
   * A subscription without an end, or with one further away than this, ends when nothing was accepted for so long while
   * attempts failed, in milliseconds (HOOK-6): nobody else would ever end it.
   */
  abandonAfterMs?: number | undefined;
  /** Attempts at one event before it is given up (HOOK-12). */
  maxAttempts?: number | undefined;
  /** Time from the first attempt at an event after which none begins, in milliseconds (HOOK-12). */
  retryWindowMs?: number | undefined;
  /** Wait after the first failed attempt, in milliseconds; half to one and a half of it, by chance. */
  firstRetryMs?: number | undefined;
  /** By what the wait grows with each further attempt. */
  retryFactor?: number | undefined;
  /** How long a replaced secret signs beside the new one, in milliseconds (HOOK-4). */
  secretGraceMs?: number | undefined;
  /** Share of failed attempts above which delivery is suspended (HOOK-13). */
  suspendRate?: number | undefined;
  /** Time over which that share is taken, in milliseconds. */
  suspendWindowMs?: number | undefined;
  /** Attempts within that time below which nothing is suspended. */
  suspendMinAttempts?: number | undefined;
  /**
   * What follows when the attempts at an event are used up: `skip` gives it up, tells the receiver by a gap in its place
   * and goes on (ORDERING rule 14); `suspend` stops delivery until the next refresh.
   */
  onExhausted?: "skip" | "suspend" | undefined;
  /** What `webhook-id` of an event is: its `eventId`, or an id of the message. */
  webhookId?: "event" | "message" | undefined;
  /** Most deliveries in flight to one receiver that puts them in order (ORDERING rule 10). */
  maxWindow?: number | undefined;
  /** Longest time a receiver may ask to hold a delivery, in milliseconds; below the time limit of an attempt. */
  maxHoldMs?: number | undefined;
  /**
   * Events of one subscription read ahead of the first that is not settled; at most 256, the intervals that a receiver
   * keeps ahead of what it has in order (ORDERING rule 11).
   */
  readAhead?: number | undefined;
  /**
   * After how long without a sign of life the subscriptions of a server go to another one, in milliseconds; on stores that
   * several servers share (ORD-6).
   */
  ownerTtlMs?: number | undefined;
  /** Pause between the answer to `events/subscribe` and the first delivery, in milliseconds: so that the answer is there first. */
  startDelayMs?: number | undefined;
}

/** Defaults of {@link WebhookOptions}. */
export const WEBHOOK_DEFAULTS = {
  defaultTtlMs: 3_600_000,
  minTtlMs: 60_000,
  maxTtlMs: 86_400_000,
  abandonAfterMs: 7 * 86_400_000,
  maxAttempts: 5,
  retryWindowMs: 900_000,
  firstRetryMs: 2_000,
  retryFactor: 5,
  secretGraceMs: 300_000,
  suspendRate: 0.95,
  suspendWindowMs: 3_600_000,
  suspendMinAttempts: 100,
  onExhausted: "skip",
  webhookId: "event",
  maxWindow: 64,
  maxHoldMs: 4_000,
  readAhead: 256,
  ownerTtlMs: 15_000,
  startDelayMs: 50,
} as const;

/** {@link WebhookOptions} with every default filled in. */
export type WebhookSettings = {
  readonly [Field in keyof WebhookOptions]-?: NonNullable<WebhookOptions[Field]>;
};

const COUNTS = ["maxAttempts", "suspendMinAttempts", "maxWindow"] as const;
const TIMES = ["firstRetryMs", "secretGraceMs", "startDelayMs", "maxHoldMs"] as const;
/** Less, and a busy event loop is taken for a dead server. */
const MIN_OWNER_TTL_MS = 300;
/** A hundred years: dates that far from now can still be written. */
const MAX_LONG_MS = 100 * 366 * 86_400_000;
const LONG_TIMES = [
  "abandonAfterMs",
  "defaultTtlMs",
  "minTtlMs",
  "maxTtlMs",
  "retryWindowMs",
  "suspendWindowMs",
] as const;

/**
 * Fills in defaults and checks the fields against each other.
 *
 * @throws EventsError `option_invalid` naming the field.
 */
export function webhookSettings(options: WebhookOptions = {}): WebhookSettings {
  const settings = { ...WEBHOOK_DEFAULTS, ...defined(options) } as WebhookSettings;
  for (const field of COUNTS) requireWhole(field, settings[field], 1, Number.MAX_SAFE_INTEGER);
  for (const field of TIMES) requireWhole(field, settings[field], 0, MAX_TIMER_MS);
  for (const field of LONG_TIMES) requireWhole(field, settings[field], 1, MAX_LONG_MS);
  requireWhole("readAhead", settings.readAhead, 1, RESEQUENCER_DEFAULTS.maxAhead);
  requireWhole("ownerTtlMs", settings.ownerTtlMs, MIN_OWNER_TTL_MS, MAX_TIMER_MS);
  requireTogether(settings);
  return settings;
}

function requireTogether(settings: WebhookSettings): void {
  const { minTtlMs, defaultTtlMs, maxTtlMs, suspendRate, retryFactor, onExhausted, webhookId } = settings;
  if (minTtlMs > defaultTtlMs) throw invalid("minTtlMs", `is more than defaultTtlMs (${defaultTtlMs})`);
  if (defaultTtlMs > maxTtlMs) throw invalid("defaultTtlMs", `is more than maxTtlMs (${maxTtlMs})`);
  if (!(suspendRate > 0 && suspendRate <= 1)) {
    throw invalid("suspendRate", `must be above 0 and at most 1, got ${suspendRate}`);
  }
  if (!(retryFactor >= 1)) throw invalid("retryFactor", `must be 1 or more, got ${retryFactor}`);
  if (onExhausted !== "skip" && onExhausted !== "suspend") {
    throw invalid("onExhausted", `must be "skip" or "suspend", got ${JSON.stringify(onExhausted)}`);
  }
  if (webhookId !== "event" && webhookId !== "message") {
    throw invalid("webhookId", `must be "event" or "message", got ${JSON.stringify(webhookId)}`);
  }
}

function defined(options: WebhookOptions): WebhookOptions {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}

function requireWhole(field: string, value: number, least: number, most: number): void {
  if (Number.isInteger(value) && value >= least && value <= most) return;
  throw invalid(field, `must be a whole number from ${least} to ${most}, got ${String(value)}`);
}

function invalid(field: string, reason: string): EventsError {
  return new EventsError("option_invalid", `createEventServer: webhooks.${field} ${reason}`);
}
