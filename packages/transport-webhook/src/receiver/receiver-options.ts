import {
  type Clock,
  EventsError,
  generateWebhookSecret,
  type Logger,
  MAX_TIMER_MS,
  type ResequenceOffer,
  silentLogger,
  systemClock,
} from "@mcp-events/protocol";
import type { PublicKeys } from "../signature/public-keys";

/** Options of `webhookReceiver`. */
export interface WebhookReceiverOptions {
  /** Where servers reach it, such as `https://me.example/hooks/`; each subscription has a path of its own below it. */
  readonly url: string;
  /** The path of `url` as requests show it, where a proxy in front changes it; default: the same. */
  readonly path?: string | undefined;
  /**
   * What servers are offered (ORDERING rules 10 and 23); default a window of 16, held for 2,000 ms. `false`: nothing, they
   * keep strict order; for receivers behind a load balancer that do not share a position.
   */
  readonly resequence?: ResequenceOffer | false | undefined;
  /** Lifetime to ask for in milliseconds; default: the server's own; `null`: no expiry (HOOK-6). */
  readonly ttlMs?: number | null | undefined;
  /** Time from the arrival of a delivery to its answer at most, in milliseconds; default 4,500. It is 503 after that. */
  readonly answerWithinMs?: number | undefined;
  /** Longest body, in bytes; default 512 KiB. A longer one is answered 413. */
  readonly maxBodyBytes?: number | undefined;
  /** Deliveries under way at most; default 1,000. More are answered 503. */
  readonly maxInFlight?: number | undefined;
  /** How long an older secret is accepted once the server took a newer one, in milliseconds; default five minutes (HOOK-4). */
  readonly graceMs?: number | undefined;
  /** Difference between a delivery's timestamp and the clock from which it is refused, in milliseconds; default five minutes. */
  readonly toleranceMs?: number | undefined;
  /** Keys with which the server shows who it is: `jwksKeys` or `fixedKeys` (HOOK-16); default: the secret is enough. */
  readonly identity?: PublicKeys | undefined;
  /** Whether deliveries without the server's own signature are refused, where `identity` is given; default true. */
  readonly requireIdentity?: boolean | undefined;
  /** Makes the secret of a subscription; default 32 random bytes. */
  readonly newSecret?: (() => string) | undefined;
  /** Default: the machine's own time. */
  readonly clock?: Clock | undefined;
  /** Default: says nothing. */
  readonly logger?: Logger | undefined;
}

/** Defaults of {@link WebhookReceiverOptions}. */
export const RECEIVER_DEFAULTS = {
  resequence: { window: 16, holdMs: 2_000 },
  answerWithinMs: 4_500,
  maxBodyBytes: 512 * 1024,
  maxInFlight: 1_000,
  graceMs: 5 * 60_000,
} as const;

/** {@link WebhookReceiverOptions} with every default filled in. */
export interface ReceiverSettings {
  /** Ends in a slash. */
  readonly url: string;
  /** Path of `url` as servers see it. */
  readonly publicPath: string;
  /** Path of `url` as requests show it. */
  readonly path: string;
  readonly resequence: ResequenceOffer | undefined;
  readonly ttlMs: number | null | undefined;
  readonly answerWithinMs: number;
  readonly maxBodyBytes: number;
  readonly maxInFlight: number;
  readonly graceMs: number;
  readonly toleranceMs: number | undefined;
  readonly identity: PublicKeys | undefined;
  readonly requireIdentity: boolean;
  readonly newSecret: () => string;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** @throws EventsError `option_invalid` naming the field. */
export function receiverSettings(options: WebhookReceiverOptions): ReceiverSettings {
  const url = baseUrl(options.url);
  const settings: ReceiverSettings = {
    url: url.href,
    publicPath: url.pathname,
    path: options.path === undefined ? url.pathname : withSlash(options.path),
    resequence:
      options.resequence === false ? undefined : (options.resequence ?? RECEIVER_DEFAULTS.resequence),
    ttlMs: options.ttlMs,
    answerWithinMs: options.answerWithinMs ?? RECEIVER_DEFAULTS.answerWithinMs,
    maxBodyBytes: options.maxBodyBytes ?? RECEIVER_DEFAULTS.maxBodyBytes,
    maxInFlight: options.maxInFlight ?? RECEIVER_DEFAULTS.maxInFlight,
    graceMs: options.graceMs ?? RECEIVER_DEFAULTS.graceMs,
    toleranceMs: options.toleranceMs,
    identity: options.identity,
    requireIdentity: options.requireIdentity ?? true,
    newSecret: options.newSecret ?? generateWebhookSecret,
    clock: options.clock ?? systemClock,
    logger: options.logger ?? silentLogger,
  };
  requireSettings(settings);
  return settings;
}

function baseUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !["https:", "http:"].includes(url.protocol))
    invalid("url", "an http(s) URL", text);
  if (url.search !== "" || url.hash !== "") invalid("url", "a URL without query and fragment", text);
  url.pathname = withSlash(url.pathname);
  return url;
}

function withSlash(path: string): string {
  if (!path.startsWith("/")) invalid("path", "a path that begins with a slash", path);
  return path.endsWith("/") ? path : `${path}/`;
}

function requireSettings(settings: ReceiverSettings): void {
  for (const field of ["maxBodyBytes", "maxInFlight"] as const) {
    const value = settings[field];
    if (!Number.isInteger(value) || value < 1) invalid(field, "a positive integer", value);
  }
  const { answerWithinMs, graceMs, toleranceMs = 0, ttlMs, resequence } = settings;
  if (!isWithin(answerWithinMs, 1)) invalid("answerWithinMs", "in 1 … 2^31 - 1", answerWithinMs);
  if (!isWithin(graceMs, 0)) invalid("graceMs", "in 0 … 2^31 - 1", graceMs);
  if (!isWithin(toleranceMs, 0)) invalid("toleranceMs", "in 0 … 2^31 - 1", toleranceMs);
  if (typeof ttlMs === "number" && !(Number.isInteger(ttlMs) && ttlMs >= 0)) {
    invalid("ttlMs", "a whole number of milliseconds, or null", ttlMs);
  }
  if (resequence === undefined) return;
  const { window, holdMs } = resequence;
  if (!Number.isInteger(window) || window < 1) invalid("resequence.window", "a positive integer", window);
  if (!Number.isInteger(holdMs) || holdMs < 0 || holdMs >= answerWithinMs) {
    invalid("resequence.holdMs", `in 0 … answerWithinMs (${answerWithinMs})`, holdMs);
  }
}

function isWithin(value: number, low: number): boolean {
  return value >= low && value <= MAX_TIMER_MS;
}

function invalid(field: string, wanted: string, value: unknown): never {
  throw new EventsError("option_invalid", `${field} must be ${wanted}, not ${String(value)}`);
}
