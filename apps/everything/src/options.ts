import { statSync } from "node:fs";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import type { Profile } from "@mcp-events/protocol";
import type { WebhookOptions } from "@mcp-events/server";
import { isStoreUrl, STORE_URLS } from "./store";

/** Which MCP SDK line serves. */
export type SdkLine = "v1" | "v2";

export const LOG_LEVELS = ["silent", "error", "warn", "info", "debug"] as const;

/** How much is written to stderr. */
export type LogLevel = (typeof LOG_LEVELS)[number];

/** How clients reach the server. */
export type Serving =
  | { readonly kind: "http"; readonly port: number }
  | { readonly kind: "stdio"; readonly principal: string | null };

/** Everything that can be chosen on the command line. */
export interface EverythingOptions {
  readonly serving: Serving;
  readonly sdk: SdkLine;
  readonly profile: Profile;
  /** The file that log and webhook subscriptions are kept in; without it, in memory. */
  readonly data?: string | undefined;
  /** Longest silence of a push stream, in milliseconds. */
  readonly heartbeatMs: number;
  /** URL of a store that several processes share. */
  readonly store?: string | undefined;
  /** Whether other processes serve the same events. */
  readonly replicas: boolean;
  /** After how long without a sign of life a replica's webhook subscriptions go to another one, in milliseconds. */
  readonly ownerTtlMs: number;
  /** Entries each log keeps. */
  readonly retentionEvents: number;
  /** How long pollers are told to wait before they ask again, in milliseconds. */
  readonly nextPollMs: number;
  /** Longest time a poll that asks for it is held, in milliseconds; 0 = every poll is answered at once. */
  readonly longPollMs: number;
  /** How often a live subscription is authorised again, in milliseconds. */
  readonly reauthorizeMs: number;
  /** Subscriptions one principal may hold. */
  readonly subscriptionsPerPrincipal: number;
  /** Directory whose changes become `file.changed`. */
  readonly watch?: string | undefined;
  readonly logLevel: LogLevel;
  /** Offers the draft conformance suite's diagnostic tools. */
  readonly conformanceControls: boolean;
  /** Posts webhooks to this machine, over plain http too. */
  readonly allowLoopbackWebhooks: boolean;
  /** Time limit of one attempt at a webhook, in milliseconds. */
  readonly webhookTimeoutMs: number;
  /** Signs webhooks with a key of the server's own, too. */
  readonly webhookIdentity: boolean;
  /** How webhook subscriptions live. */
  readonly webhooks: WebhookOptions;
}

export const EVERYTHING_DEFAULTS = {
  sdk: "v2",
  profile: "sep-3415",
  heartbeatMs: 15_000,
  replicas: false,
  ownerTtlMs: 15_000,
  retentionEvents: 100_000,
  nextPollMs: 2_000,
  longPollMs: 30_000,
  reauthorizeMs: 250,
  subscriptionsPerPrincipal: 10_000,
  logLevel: "warn",
  conformanceControls: false,
  allowLoopbackWebhooks: false,
  webhookTimeoutMs: 5_000,
  webhookIdentity: false,
  webhooks: {
    firstRetryMs: 500,
    retryFactor: 3,
    maxAttempts: 5,
    minTtlMs: 1_000,
    webhookId: "event",
    onExhausted: "skip",
  },
} as const satisfies Partial<EverythingOptions>;

/** A command line that cannot be followed; the message says why, for people. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** What the command line asks for. */
export type Command =
  | { readonly kind: "serve"; readonly options: EverythingOptions }
  | { readonly kind: "help" }
  | { readonly kind: "version" };

const FLAGS = {
  http: { type: "string" },
  stdio: { type: "boolean" },
  principal: { type: "string" },
  sdk: { type: "string" },
  profile: { type: "string" },
  "heartbeat-ms": { type: "string" },
  store: { type: "string" },
  replicas: { type: "boolean" },
  "owner-ttl-ms": { type: "string" },
  "retention-events": { type: "string" },
  "next-poll-ms": { type: "string" },
  "long-poll-ms": { type: "string" },
  "reauthorize-ms": { type: "string" },
  "subscriptions-per-principal": { type: "string" },
  data: { type: "string" },
  watch: { type: "string" },
  "log-level": { type: "string" },
  "conformance-controls": { type: "boolean" },
  "allow-loopback-webhooks": { type: "boolean" },
  "webhook-retry-ms": { type: "string" },
  "webhook-retry-factor": { type: "string" },
  "webhook-attempts": { type: "string" },
  "webhook-timeout-ms": { type: "string" },
  "webhook-min-ttl-ms": { type: "string" },
  "webhook-id": { type: "string" },
  "webhook-identity": { type: "boolean" },
  "on-exhausted": { type: "string" },
  help: { type: "boolean", short: "h" },
  version: { type: "boolean", short: "V" },
} as const;

type Values = { readonly [Flag in keyof typeof FLAGS]?: string | boolean | undefined };

/**
 * Reads the command line.
 *
 * @throws UsageError naming the flag that is wrong.
 */
export function parseCommand(argv: readonly string[]): Command {
  const values = readFlags(argv);
  if (values.help === true) return { kind: "help" };
  if (values.version === true) return { kind: "version" };
  return {
    kind: "serve",
    options: {
      serving: serving(values),
      sdk: oneOf("sdk", values.sdk, ["v1", "v2"], EVERYTHING_DEFAULTS.sdk),
      profile: oneOf("profile", values.profile, ["sep-3415", "sketch"], EVERYTHING_DEFAULTS.profile),
      heartbeatMs: count(values, "heartbeat-ms", EVERYTHING_DEFAULTS.heartbeatMs, 10, 3_600_000),
      store: storeUrl(values),
      replicas: values.replicas === true,
      ownerTtlMs: count(values, "owner-ttl-ms", EVERYTHING_DEFAULTS.ownerTtlMs, 300, 3_600_000),
      retentionEvents: count(values, "retention-events", EVERYTHING_DEFAULTS.retentionEvents, 1, 10_000_000),
      nextPollMs: count(values, "next-poll-ms", EVERYTHING_DEFAULTS.nextPollMs, 1, 3_600_000),
      longPollMs: count(values, "long-poll-ms", EVERYTHING_DEFAULTS.longPollMs, 0, 3_600_000),
      reauthorizeMs: count(values, "reauthorize-ms", EVERYTHING_DEFAULTS.reauthorizeMs, 10, 3_600_000),
      subscriptionsPerPrincipal: count(
        values,
        "subscriptions-per-principal",
        EVERYTHING_DEFAULTS.subscriptionsPerPrincipal,
        1,
        1_000_000,
      ),
      data: dataFile(values.data),
      watch: watchDirectory(values.watch),
      logLevel: oneOf("log-level", values["log-level"], LOG_LEVELS, EVERYTHING_DEFAULTS.logLevel),
      conformanceControls: values["conformance-controls"] === true,
      allowLoopbackWebhooks: values["allow-loopback-webhooks"] === true,
      webhookTimeoutMs: count(values, "webhook-timeout-ms", EVERYTHING_DEFAULTS.webhookTimeoutMs, 10, 60_000),
      webhookIdentity: values["webhook-identity"] === true,
      webhooks: webhooks(values),
    },
  };
}

function webhooks(values: Values): WebhookOptions {
  const defaults = EVERYTHING_DEFAULTS.webhooks;
  return {
    ...defaults,
    firstRetryMs: count(values, "webhook-retry-ms", defaults.firstRetryMs, 1, 60_000),
    retryFactor: count(values, "webhook-retry-factor", defaults.retryFactor, 1, 100),
    maxAttempts: count(values, "webhook-attempts", defaults.maxAttempts, 1, 100),
    minTtlMs: count(values, "webhook-min-ttl-ms", defaults.minTtlMs, 1, 3_600_000),
    webhookId: oneOf("webhook-id", values["webhook-id"], ["event", "message"], defaults.webhookId),
    onExhausted: oneOf("on-exhausted", values["on-exhausted"], ["skip", "suspend"], defaults.onExhausted),
  };
}

function readFlags(argv: readonly string[]): Values {
  const args = argv[0] === "--" ? argv.slice(1) : [...argv];
  try {
    return parseArgs({ args, options: FLAGS, strict: true, allowPositionals: false }).values;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

function serving(values: Values): Serving {
  if (values.http !== undefined && values.stdio === true) {
    throw new UsageError("--http and --stdio exclude each other; give one");
  }
  if (values.stdio === true) return { kind: "stdio", principal: stdioPrincipal(values.principal) };
  if (values.http === undefined) {
    throw new UsageError("say how to serve: --http PORT (0 picks a free one) or --stdio");
  }
  if (values.principal !== undefined) {
    throw new UsageError(
      "--principal goes with --stdio only; over HTTP the bearer token names the principal",
    );
  }
  return { kind: "http", port: count(values, "http", 0, 0, 65_535) };
}

function stdioPrincipal(value: string | boolean | undefined): string | null {
  if (value === "") throw new UsageError("--principal is empty; leave it out for an anonymous caller");
  return typeof value !== "string" || value === "anonymous" ? null : value;
}

function count(values: Values, flag: keyof Values, fallback: number, min: number, max: number): number {
  const text = values[flag];
  if (text === undefined) return fallback;
  const value = typeof text === "string" && /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (value >= min && value <= max) return value;
  throw new UsageError(`--${flag} takes a whole number from ${min} to ${max}, not "${text}"`);
}

function oneOf<const Choice extends string>(
  flag: string,
  value: string | boolean | undefined,
  choices: readonly Choice[],
  fallback: Choice,
): Choice {
  if (value === undefined) return fallback;
  const choice = choices.find((candidate) => candidate === value);
  if (choice !== undefined) return choice;
  throw new UsageError(`--${flag} takes ${choices.join(" or ")}, not "${value}"`);
}

function dataFile(value: string | boolean | undefined): string | undefined {
  if (typeof value !== "string") return undefined;
  if (value === "")
    throw new UsageError("--data takes the path of a file, which is made when it is not there");
  return resolve(value);
}

function storeUrl({ store: value, data }: Values): string | undefined {
  if (typeof value !== "string") return undefined;
  if (data !== undefined) throw new UsageError("--store and --data exclude each other; give one");
  if (isStoreUrl(value)) return value;
  throw new UsageError(`--store takes ${STORE_URLS.join(" or ")}, not "${value}"`);
}

function watchDirectory(value: string | boolean | undefined): string | undefined {
  if (typeof value !== "string") return undefined;
  const directory = resolve(value);
  const isDirectory = statSync(directory, { throwIfNoEntry: false })?.isDirectory() ?? false;
  if (!isDirectory) throw new UsageError(`--watch takes a directory that exists, not "${value}"`);
  return directory;
}
