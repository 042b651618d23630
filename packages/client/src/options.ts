import type { PositionStore } from "@mcp-events/ordering";
import {
  type ClientTransport,
  type Clock,
  EventsError,
  HEARTBEAT_MS,
  type Logger,
  MAX_TIMER_MS,
  MIN_POLL_MS,
  silentLogger,
  type WebhookReceiver,
  waitingClock,
} from "@mcp-events/protocol";

/** Wait before a retry: `initialMs` doubled with each failure in a row, at most `maxMs`, half of it random. */
export interface BackoffOptions {
  /** Wait after the first failure, in milliseconds; default 250. */
  readonly initialMs?: number | undefined;
  /** Longest wait, in milliseconds; default 30,000. */
  readonly maxMs?: number | undefined;
}

/** Options of `createEventClient`. */
export interface EventClientOptions {
  /**
   * Adapters for the MCP client's transport; without one, the end of a stream is what the SDK reports. The first that
   * receives webhooks makes that mode possible.
   */
  readonly transports?: readonly ClientTransport[] | undefined;
  /** Where committed positions are kept; without it every subscription begins from now. */
  readonly positions?: PositionStore | undefined;
  /** Names the server in the keys of `positions`; default: the name the server gave itself, else `default`. */
  readonly server?: string | undefined;
  /** Default: says nothing. */
  readonly logger?: Logger | undefined;
  /** Default: the machine's own time. */
  readonly clock?: Clock | undefined;
  /** Numbers in [0, 1) for jitter; default `Math.random`. */
  readonly random?: (() => number) | undefined;
  /** Shortest wait between two polls, in milliseconds; default 1,000 (POLL-4). */
  readonly minPollMs?: number | undefined;
  /** How long a poll may wait at the server for an event, in milliseconds; default 0: the server answers at once (POLL-7). */
  readonly longPollMs?: number | undefined;
  /**
   * How long a poll or list request may take, in milliseconds, beside the wait that `longPollMs` asks for; default
   * 15,000. A request whose answer was lost is asked again after it.
   */
  readonly requestTimeoutMs?: number | undefined;
  /** Heartbeat interval to expect; a stream is dead after twice that without a message, in milliseconds; default 30,000 (PUSH-9). */
  readonly heartbeatMs?: number | undefined;
  readonly backoff?: BackoffOptions | undefined;
  /** Messages that may wait for the reader of one stream, and again as many events for the iterator; default 1,000. */
  readonly maxBuffered?: number | undefined;
  /** Items handed out and not committed at which the iterator waits for a commit; default 10,000. */
  readonly maxUncommitted?: number | undefined;
  /** `eventId`s remembered for servers that give no positions; default 10,000. */
  readonly dedupeWindow?: number | undefined;
  /** Failures in a row after which another mode is tried, where one is allowed; default 3. */
  readonly fallbackAfter?: number | undefined;
  /** Failed attempts after which `subscribe` rejects; default 5. Later failures are retried without end. */
  readonly maxOpenAttempts?: number | undefined;
  /** Attempts to fetch what is missing before it is reported as a gap; default 3. */
  readonly recoveryAttempts?: number | undefined;
}

/** Defaults of {@link EventClientOptions}. */
export const CLIENT_DEFAULTS = {
  server: "default",
  minPollMs: MIN_POLL_MS,
  longPollMs: 0,
  requestTimeoutMs: 15_000,
  heartbeatMs: HEARTBEAT_MS,
  backoff: { initialMs: 250, maxMs: 30_000 },
  maxBuffered: 1_000,
  maxUncommitted: 10_000,
  dedupeWindow: 10_000,
  fallbackAfter: 3,
  maxOpenAttempts: 5,
  recoveryAttempts: 3,
} as const;

/** {@link EventClientOptions} with every default filled in. */
export interface ClientSettings {
  readonly positions: PositionStore | undefined;
  readonly webhookReceiver: WebhookReceiver | undefined;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly random: () => number;
  readonly minPollMs: number;
  readonly longPollMs: number;
  readonly requestTimeoutMs: number;
  readonly heartbeatMs: number;
  readonly backoff: { readonly initialMs: number; readonly maxMs: number };
  readonly maxBuffered: number;
  readonly maxUncommitted: number;
  readonly dedupeWindow: number;
  readonly fallbackAfter: number;
  readonly maxOpenAttempts: number;
  readonly recoveryAttempts: number;
}

/** @throws EventsError `option_invalid` naming the field. */
export function clientSettings(options: EventClientOptions): ClientSettings {
  const settings: ClientSettings = {
    positions: options.positions,
    webhookReceiver: options.transports?.find((one) => one.webhookReceiver !== undefined)?.webhookReceiver,
    logger: options.logger ?? silentLogger,
    clock: options.clock ?? waitingClock,
    random: options.random ?? Math.random,
    minPollMs: options.minPollMs ?? CLIENT_DEFAULTS.minPollMs,
    longPollMs: options.longPollMs ?? CLIENT_DEFAULTS.longPollMs,
    requestTimeoutMs: options.requestTimeoutMs ?? CLIENT_DEFAULTS.requestTimeoutMs,
    heartbeatMs: options.heartbeatMs ?? CLIENT_DEFAULTS.heartbeatMs,
    backoff: {
      initialMs: options.backoff?.initialMs ?? CLIENT_DEFAULTS.backoff.initialMs,
      maxMs: options.backoff?.maxMs ?? CLIENT_DEFAULTS.backoff.maxMs,
    },
    maxBuffered: options.maxBuffered ?? CLIENT_DEFAULTS.maxBuffered,
    maxUncommitted: options.maxUncommitted ?? CLIENT_DEFAULTS.maxUncommitted,
    dedupeWindow: options.dedupeWindow ?? CLIENT_DEFAULTS.dedupeWindow,
    fallbackAfter: options.fallbackAfter ?? CLIENT_DEFAULTS.fallbackAfter,
    maxOpenAttempts: options.maxOpenAttempts ?? CLIENT_DEFAULTS.maxOpenAttempts,
    recoveryAttempts: options.recoveryAttempts ?? CLIENT_DEFAULTS.recoveryAttempts,
  };
  requireSettings(settings);
  return settings;
}

const COUNTS = [
  "maxBuffered",
  "maxUncommitted",
  "dedupeWindow",
  "fallbackAfter",
  "maxOpenAttempts",
  "recoveryAttempts",
] as const;

function requireSettings(settings: ClientSettings): void {
  for (const field of COUNTS) {
    const value = settings[field];
    if (!Number.isInteger(value) || value < 1) invalid(field, "a positive integer", value);
  }
  const { heartbeatMs, minPollMs, longPollMs, requestTimeoutMs, backoff } = settings;
  // Twice the interval has to fit a timer.
  if (!isWithin(heartbeatMs, 1, MAX_TIMER_MS / 2)) invalid("heartbeatMs", "in 1 … 2^30 - 1", heartbeatMs);
  if (!isWithin(minPollMs, 1, MAX_TIMER_MS)) invalid("minPollMs", "in 1 … 2^31 - 1", minPollMs);
  if (!isWithin(requestTimeoutMs, 1, MAX_TIMER_MS)) {
    invalid("requestTimeoutMs", "in 1 … 2^31 - 1", requestTimeoutMs);
  }
  if (!isWithin(longPollMs, 0, MAX_TIMER_MS - requestTimeoutMs)) {
    invalid("longPollMs", "in 0 … 2^31 - 1 - requestTimeoutMs", longPollMs);
  }
  if (!isWithin(backoff.initialMs, 1, MAX_TIMER_MS)) {
    invalid("backoff.initialMs", "in 1 … 2^31 - 1", backoff.initialMs);
  }
  if (!isWithin(backoff.maxMs, backoff.initialMs, MAX_TIMER_MS)) {
    invalid("backoff.maxMs", "in backoff.initialMs … 2^31 - 1", backoff.maxMs);
  }
}

function isWithin(value: number, low: number, high: number): boolean {
  return Number.isFinite(value) && value >= low && value <= high;
}

function invalid(field: string, wanted: string, value: number): never {
  throw new EventsError("option_invalid", `${field} must be ${wanted}, not ${value}`);
}
