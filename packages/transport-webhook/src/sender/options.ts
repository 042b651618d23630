import { randomBytes } from "node:crypto";
import {
  type Clock,
  EventsError,
  type Logger,
  MAX_TIMER_MS,
  silentLogger,
  systemClock,
  type WebhookTarget,
} from "@mcp-events/protocol";
import type { Exceptions } from "./callback-url";
import { type Resolve, systemResolve } from "./guard";
import type { IdentityKey } from "./identity";
import type { TlsOptions } from "./pools";

/** How endpoints are asked whether they want deliveries (HOOK-7). */
export interface VerificationOptions {
  /**
   * Endpoints that need not be asked: by a function, or by URL prefixes, each an origin and whole segments of a path
   * (`https://hooks.example.com/mcp` covers `/mcp/1`, not `/mcpx`).
   */
  readonly allow?: readonly string[] | ((url: string, principal: string) => boolean) | undefined;
  /** The application's own confirmation; `false`: the endpoint is asked. */
  readonly confirm?:
    | ((target: Omit<WebhookTarget, "secrets">, signal: AbortSignal) => boolean | Promise<boolean>)
    | undefined;
  /** Whether the receiver origin's well-known document counts; default `true`. */
  readonly wellKnown?: boolean | undefined;
  /** How long a verified (principal, URL) is remembered, in milliseconds; default a day. */
  readonly ttlMs?: number | undefined;
  /** Challenges to one host in a minute; default 120. */
  readonly perHostPerMinute?: number | undefined;
}

/** Options of `webhook`. */
export interface WebhookSenderOptions {
  /** For development: lets 127.0.0.0/8 and ::1 through, by http too, and names that resolve there, by http those below `localhost`; default `false`. */
  readonly allowLoopback?: boolean | undefined;
  /** Hosts that may resolve to any address, such as a name of one's own network; https only. */
  readonly allowHosts?: readonly string[] | undefined;
  /** Limit on a whole attempt: name, connection, headers and body, in milliseconds; default 5,000 (HOOK-12). */
  readonly timeoutMs?: number | undefined;
  /** Posts under way at one host; default 64. */
  readonly maxPerHost?: number | undefined;
  /** Posts under way in all; default 512. */
  readonly maxTotal?: number | undefined;
  /** Posts begun at one host in a second; default: no limit. */
  readonly ratePerHost?: number | undefined;
  readonly verification?: VerificationOptions | undefined;
  /** The server's own keys, the one that signs first (HOOK-16); default none. */
  readonly identity?: { readonly keys: readonly IdentityKey[] } | undefined;
  /** Certificate authorities to trust instead of the built-in ones. */
  readonly tls?: TlsOptions | undefined;
  /** `user-agent`; default `mcp-events`. */
  readonly userAgent?: string | undefined;
  /** Asks for the addresses of a name; default: the machine's resolver. */
  readonly resolve?: Resolve | undefined;
  /** Default: says nothing. */
  readonly logger?: Logger | undefined;
  /** Default: the machine's time. */
  readonly clock?: Clock | undefined;
  /** Unguessable bytes for challenges; default: `node:crypto`. */
  readonly randomBytes?: ((size: number) => Uint8Array) | undefined;
}

/** Defaults of the numeric options of `webhook`. */
export const SENDER_DEFAULTS = {
  timeoutMs: 5_000,
  maxPerHost: 64,
  maxTotal: 512,
  verification: { ttlMs: 24 * 60 * 60_000, perHostPerMinute: 120 },
} as const;

/** Options with every default filled in. */
export interface ResolvedSenderOptions {
  readonly exceptions: Exceptions;
  readonly timeoutMs: number;
  readonly maxPerHost: number;
  readonly maxTotal: number;
  readonly ratePerHost: number | undefined;
  readonly verification: VerificationOptions & { readonly ttlMs: number; readonly perHostPerMinute: number };
  readonly identityKeys: readonly IdentityKey[];
  readonly tls: TlsOptions | undefined;
  readonly userAgent: string;
  readonly resolve: Resolve;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly randomBytes: (size: number) => Uint8Array;
}

/**
 * Fills in defaults and checks the options.
 *
 * @throws EventsError `option_invalid` naming the option.
 */
export function resolveSenderOptions(options: WebhookSenderOptions = {}): ResolvedSenderOptions {
  const maxTotal = whole("maxTotal", options.maxTotal ?? SENDER_DEFAULTS.maxTotal);
  const maxPerHost = options.maxPerHost ?? Math.min(maxTotal, SENDER_DEFAULTS.maxPerHost);
  if (maxPerHost > maxTotal)
    throw invalid("maxPerHost", `is ${maxPerHost}, more than maxTotal (${maxTotal})`);
  const { ratePerHost } = options;
  if (ratePerHost !== undefined && !(ratePerHost > 0 && ratePerHost <= 1e6)) {
    throw invalid("ratePerHost", `must be more than 0 and at most a million, got ${String(ratePerHost)}`);
  }
  const userAgent = options.userAgent ?? "mcp-events";
  if (!/^[\x20-\x7e]+$/.test(userAgent)) throw invalid("userAgent", "must be printable ASCII");
  return {
    exceptions: {
      loopback: options.allowLoopback ?? false,
      hosts: new Set((options.allowHosts ?? []).map(hostname)),
    },
    timeoutMs: whole("timeoutMs", options.timeoutMs ?? SENDER_DEFAULTS.timeoutMs, MAX_TIMER_MS),
    maxPerHost: whole("maxPerHost", maxPerHost),
    maxTotal,
    ratePerHost,
    verification: resolveVerification(options.verification),
    identityKeys: options.identity?.keys ?? [],
    tls: options.tls,
    userAgent,
    resolve: options.resolve ?? systemResolve,
    logger: options.logger ?? silentLogger,
    clock: options.clock ?? systemClock,
    randomBytes: options.randomBytes ?? randomBytes,
  };
}

function resolveVerification(options: VerificationOptions = {}): ResolvedSenderOptions["verification"] {
  const { ttlMs, perHostPerMinute } = { ...SENDER_DEFAULTS.verification, ...definedOf(options) };
  if (Array.isArray(options.allow)) {
    const wrong = options.allow.find((prefix) => !URL.canParse(prefix));
    if (wrong !== undefined)
      throw invalid("verification.allow", `has ${JSON.stringify(wrong)}, which is not a URL`);
  }
  return {
    ...options,
    ttlMs: whole("verification.ttlMs", ttlMs),
    perHostPerMinute: whole("verification.perHostPerMinute", perHostPerMinute),
  };
}

function definedOf({ ttlMs, perHostPerMinute }: VerificationOptions) {
  return {
    ...(ttlMs !== undefined && { ttlMs }),
    ...(perHostPerMinute !== undefined && { perHostPerMinute }),
  };
}

function whole(option: string, value: number, most: number = Number.MAX_SAFE_INTEGER): number {
  if (Number.isInteger(value) && value >= 1 && value <= most) return value;
  throw invalid(option, `must be a whole number from 1 to ${most}, got ${String(value)}`);
}

/** A host as the URL parser spells it. */
function hostname(host: string): string {
  const text = `https://${host.includes(":") && !host.startsWith("[") ? `[${host}]` : host}`;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || url.href !== `https://${url.hostname}/`) {
    throw invalid("allowHosts", `has ${JSON.stringify(host)}, which is not a host name or address`);
  }
  return url.hostname.replace(/^\[(.*)\]$/, "$1");
}

function invalid(option: string, reason: string): EventsError {
  return new EventsError("option_invalid", `webhook: ${option} ${reason}`);
}
