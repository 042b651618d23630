import { type LogStore, memoryStore } from "@mcp-events/ordering";
import {
  type Clock,
  EventsError,
  HEARTBEAT_MS,
  type Logger,
  MAX_TIMER_MS,
  type Profile,
  type ServerTransport,
  silentLogger,
  systemClock,
} from "@mcp-events/protocol";
import { defaultPrincipalOf } from "./binding/principal";
import type { EventObserver } from "./observer";
import { type WebhookOptions, type WebhookSettings, webhookSettings } from "./webhook/options";

/** How many subscriptions may live at once (AUTH-3). A poll lease counts as one while it lasts. */
export interface SubscriptionLimits {
  /** Of all callers together; default 10,000. */
  subscriptions?: number | undefined;
  /** Of one principal; default 1,000. */
  subscriptionsPerPrincipal?: number | undefined;
  /**
   * Of all anonymous callers together, who cannot be told apart; default 5,000, so that they never take the places
   * of principals.
   */
  anonymousSubscriptions?: number | undefined;
}

/** Options of `createEventServer`. */
export interface EventServerOptions {
  /** Where events are kept; default: in memory. Closed with the server. */
  store?: LogStore | undefined;
  /**
   * Whether other processes serve the same events: then a store that only this process has, as the one in memory, is refused
   * (ORD-6). Default false.
   */
  replicas?: boolean | undefined;
  /** Transport adapters; an MCP transport that none recognises is written to through the SDK. */
  transports?: readonly ServerTransport[] | undefined;
  /** Names the server in log messages; default `mcp-events`. */
  name?: string | undefined;
  /** Which numbers errors have on the wire; default `sep-3415`. */
  profile?: Profile | undefined;
  /** Default: says nothing. */
  logger?: Logger | undefined;
  /** Sees what happens to events; default none. */
  observer?: EventObserver | undefined;
  /** Default: the machine's time. */
  clock?: Clock | undefined;
  /** Numbers in [0, 1) for event ids and jitter; default: the platform's cryptographic source. */
  random?: (() => number) | undefined;
  /** Signs cursors, so that a forged one is unreadable; default: cursors are not signed. At least 16 bytes. */
  cursorKey?: string | Uint8Array | undefined;
  /**
   * Who is calling. Default: `authInfo.extra.sub`, else `authInfo.extra.principal`, else `null` (anonymous); never the
   * OAuth client id, which the users of one application share.
   */
  principalOf?: ((authInfo: unknown) => string | null) | undefined;
  /** Longest silence of a push stream, in milliseconds (PUSH-4). */
  heartbeatMs?: number | undefined;
  /** When a client should poll again, in milliseconds (POLL-1). */
  nextPollMs?: number | undefined;
  /** Most events in one poll result (POLL-3). */
  maxPollEvents?: number | undefined;
  /** Most log entries looked at for one poll result (POLL-3). */
  pollScanLimit?: number | undefined;
  /** Longest wait of a long poll, in milliseconds; 0 turns long polling off (POLL-7). */
  longPollMs?: number | undefined;
  /** Most long polls waiting at once; one more is answered without waiting. */
  maxLongPolls?: number | undefined;
  /** Silence after which a poller has left, in milliseconds (POLL-6). */
  leaseMs?: number | undefined;
  /** How often `authorize` is asked again about a living subscription, in milliseconds (AUTH-2). */
  reauthorizeMs?: number | undefined;
  /** Most event types in one `events/list` result (LIST-1). */
  listPageSize?: number | undefined;
  /** Most events written to a stream before it yields to others. */
  streamBatch?: number | undefined;
  /** How long `close` waits for streams whose clients do not read, in milliseconds. */
  drainMs?: number | undefined;
  /** Largest `arguments` of a request, in bytes of JSON. */
  maxArgumentBytes?: number | undefined;
  /** Most events waiting to be appended; an `emit` beyond it is refused. */
  maxPendingEmits?: number | undefined;
  /** How often `check` is asked when neither the type nor its answer says otherwise, in milliseconds. */
  checkMs?: number | undefined;
  /** How long one call of `check` may take, in milliseconds. */
  checkTimeoutMs?: number | undefined;
  /** Wait after the first failure of `check`, in milliseconds; doubles up to {@link maxCheckBackoffMs}. */
  checkBackoffMs?: number | undefined;
  /** Longest wait between failing calls of `check`, in milliseconds. */
  maxCheckBackoffMs?: number | undefined;
  /** How many subscriptions may live at once (AUTH-3). */
  limits?: SubscriptionLimits | undefined;
  /** How webhook subscriptions live; means something only with a transport that posts webhooks. */
  webhooks?: WebhookOptions | undefined;
}

/** Defaults of the numeric options of `createEventServer`. */
export const SERVER_DEFAULTS = {
  heartbeatMs: HEARTBEAT_MS,
  nextPollMs: 2_000,
  maxPollEvents: 100,
  pollScanLimit: 10_000,
  longPollMs: 0,
  maxLongPolls: 1_000,
  leaseMs: 120_000,
  reauthorizeMs: 60_000,
  listPageSize: 100,
  streamBatch: 64,
  drainMs: 1_000,
  maxArgumentBytes: 64 * 1024,
  maxPendingEmits: 100_000,
  checkMs: 5_000,
  checkTimeoutMs: 30_000,
  checkBackoffMs: 500,
  maxCheckBackoffMs: 60_000,
  limits: { subscriptions: 10_000, subscriptionsPerPrincipal: 1_000, anonymousSubscriptions: 5_000 },
} as const;

type NumericOption = Exclude<keyof typeof SERVER_DEFAULTS, "limits">;
type Optional = "observer" | "cursorKey";

/** Options with every default filled in. */
export type ResolvedOptions = {
  readonly [K in Exclude<keyof EventServerOptions, Optional | "limits" | "webhooks">]-?: NonNullable<
    EventServerOptions[K]
  >;
} & {
  readonly [K in Optional]: EventServerOptions[K];
} & {
  readonly limits: { readonly [K in keyof SubscriptionLimits]-?: number };
  readonly webhooks: WebhookSettings;
};

/**
 * Fills in defaults and checks the options against each other.
 *
 * @throws EventsError `option_invalid` naming the option.
 */
export function resolveOptions(options: EventServerOptions = {}): ResolvedOptions {
  const numbers = resolveNumbers(options);
  const resolved: ResolvedOptions = {
    ...numbers,
    limits: resolveLimits(options.limits),
    webhooks: webhookSettings(options.webhooks),
    store: options.store ?? memoryStore({ clock: options.clock ?? systemClock }),
    replicas: options.replicas ?? false,
    transports: options.transports ?? [],
    name: options.name ?? "mcp-events",
    profile: options.profile ?? "sep-3415",
    logger: options.logger ?? silentLogger,
    clock: options.clock ?? systemClock,
    random: options.random ?? cryptoRandom,
    principalOf: options.principalOf ?? defaultPrincipalOf,
    observer: options.observer,
    cursorKey: options.cursorKey,
  };
  checkTogether(resolved);
  return resolved;
}

function resolveNumbers(options: EventServerOptions): { [K in NumericOption]: number } {
  const numbers = {} as { [K in NumericOption]: number };
  for (const key of Object.keys(SERVER_DEFAULTS) as (keyof typeof SERVER_DEFAULTS)[]) {
    if (key === "limits") continue;
    const value = options[key] ?? SERVER_DEFAULTS[key];
    const least = key === "longPollMs" || key === "maxLongPolls" ? 0 : 1;
    const most = key.endsWith("Ms") ? MAX_TIMER_MS : Number.MAX_SAFE_INTEGER;
    if (!Number.isInteger(value) || value < least || value > most) {
      throw invalid(key, `must be a whole number from ${least} to ${most}, got ${String(value)}`);
    }
    numbers[key] = value;
  }
  return numbers;
}

function resolveLimits(limits: SubscriptionLimits = {}): ResolvedOptions["limits"] {
  const total = limits.subscriptions ?? SERVER_DEFAULTS.limits.subscriptions;
  const resolved = {
    subscriptions: total,
    subscriptionsPerPrincipal:
      limits.subscriptionsPerPrincipal ?? Math.min(total, SERVER_DEFAULTS.limits.subscriptionsPerPrincipal),
    anonymousSubscriptions:
      limits.anonymousSubscriptions ?? Math.min(total, SERVER_DEFAULTS.limits.anonymousSubscriptions),
  };
  for (const [key, value] of Object.entries(resolved)) {
    if (!Number.isInteger(value) || value < 0) {
      throw invalid(`limits.${key}`, `must be a whole number, 0 or more, got ${String(value)}`);
    }
    if (value > total) {
      throw invalid(`limits.${key}`, `is ${value}, more than limits.subscriptions (${total}) allows`);
    }
  }
  return resolved;
}

function checkTogether(options: ResolvedOptions): void {
  const { leaseMs, nextPollMs, longPollMs, maxPollEvents, pollScanLimit, cursorKey } = options;
  requirePrincipals(options);
  requireShared(options);
  if (leaseMs < 2 * nextPollMs) {
    throw invalid(
      "leaseMs",
      `is ${leaseMs}: a poller that waits nextPollMs (${nextPollMs}) would lose its lease`,
    );
  }
  if (leaseMs < 2 * longPollMs) {
    throw invalid(
      "leaseMs",
      `is ${leaseMs}: a long poll of longPollMs (${longPollMs}) would outlive its lease`,
    );
  }
  if (pollScanLimit < maxPollEvents) {
    throw invalid("pollScanLimit", `is ${pollScanLimit}, less than maxPollEvents (${maxPollEvents})`);
  }
  if (options.maxCheckBackoffMs < options.checkBackoffMs) {
    throw invalid("maxCheckBackoffMs", `is less than checkBackoffMs (${options.checkBackoffMs})`);
  }
  if (options.profile !== "sep-3415" && options.profile !== "sketch") {
    throw invalid("profile", `must be "sep-3415" or "sketch", got ${JSON.stringify(options.profile)}`);
  }
  if (cursorKey !== undefined && Buffer.byteLength(cursorKey) < 16) {
    throw invalid("cursorKey", "must have at least 16 bytes");
  }
}

/** A principal that everybody has is nobody's: webhook subscriptions of strangers would be one (HOOK-2). */
function requirePrincipals({ transports, principalOf }: ResolvedOptions): void {
  if (!transports.some(({ webhookSender }) => webhookSender !== undefined)) return;
  const ofNobody = principalOfNobody(principalOf);
  if (ofNobody === null) return;
  throw invalid(
    "principalOf",
    `gives ${JSON.stringify(ofNobody)} for a caller without authentication: with webhooks, every caller would be the same; ` +
      "return null, and name the one user of a pipe with stdio({ principal })",
  );
}

/** Each replica would have a log of its own, with the same name and other events (ORD-6). */
function requireShared({ replicas, store }: ResolvedOptions): void {
  if (!replicas || store.webhooks?.shared === true) return;
  throw invalid(
    "store",
    "is this process's alone, and replicas says that others serve, too: give all of them one store that is shared",
  );
}

/** A function that cannot do without authentication names nobody either. */
function principalOfNobody(principalOf: ResolvedOptions["principalOf"]): string | null {
  try {
    return principalOf(undefined);
  } catch {
    return null;
  }
}

function invalid(option: string, reason: string): EventsError {
  return new EventsError("option_invalid", `createEventServer: ${option} ${reason}`);
}

const drawn = new Uint32Array(256);
let left = 0;

/** Draws from the platform in bulk: one call costs as much as a hundred numbers. */
function cryptoRandom(): number {
  if (left === 0) left = crypto.getRandomValues(drawn).length;
  left -= 1;
  return drawn[left]! / 2 ** 32;
}
