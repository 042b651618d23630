import { type Clock, EventsError, systemClock } from "@mcp-events/protocol";
import type { NodeConnectionOptions } from "@nats-io/transport-node";

/** A key for secrets at rest: at least 32 bytes, or as many characters. */
export type SecretKey = string | Uint8Array;

/** Options of {@link natsStore}. */
export interface NatsStoreOptions {
  /** `nats://host:port`, one or several servers of a cluster. */
  readonly servers: string | readonly string[];
  /** Further options of the connection: user, token, TLS. */
  readonly connection?: Omit<NodeConnectionOptions, "servers"> | undefined;
  /** Begins the names of all streams, subjects and buckets. All replicas give the same. */
  readonly prefix?: string | undefined;
  /** On how many servers of the cluster streams and buckets are kept: 1, 3 or 5. Used when they are created. */
  readonly replicas?: number | undefined;
  /** Where the servers keep them. Used when they are created. */
  readonly storage?: "file" | "memory" | undefined;
  /** Most entries of a log that are kept. All replicas give the same. */
  readonly maxEntries?: number | undefined;
  /** Most bytes of a log. Used when it is created, as the next two. */
  readonly maxBytes?: number | undefined;
  /** How long an entry is kept, in milliseconds. */
  readonly maxAgeMs?: number | undefined;
  /** Whether a full log drops its oldest entries, or refuses new ones (`append_failed`). */
  readonly whenFull?: "drop-oldest" | "refuse" | undefined;
  /** How many bytes of a log's entries this process keeps in memory; older ones are fetched when asked for. */
  readonly cacheBytes?: number | undefined;
  /**
   * Encrypts the secrets of webhook subscriptions before they are stored. To replace a key give all replicas both, the new
   * one first; the old one can go when every subscription was refreshed since.
   */
  readonly secretKey?: SecretKey | readonly SecretKey[] | undefined;
  /** Stores the secrets of webhook subscriptions as they are: whoever reads the buckets can sign in the server's name. */
  readonly plaintextSecrets?: boolean | undefined;
  /** Most dead letters kept; the oldest leave. */
  readonly maxDeadLetters?: number | undefined;
  /** How long a call may take before it fails, in milliseconds. */
  readonly timeoutMs?: number | undefined;
  /** How often a log's state is looked at and summed up, in milliseconds. */
  readonly checkpointMs?: number | undefined;
  readonly clock?: Clock | undefined;
}

/** Defaults of {@link natsStore}. */
export const NATS_STORE_DEFAULTS = {
  prefix: "mcp-events",
  replicas: 1,
  storage: "file",
  maxEntries: 1_000_000,
  maxBytes: 1024 * 1024 * 1024,
  maxAgeMs: 24 * 60 * 60 * 1000,
  whenFull: "drop-oldest",
  cacheBytes: 64 * 1024 * 1024,
  maxDeadLetters: 10_000,
  timeoutMs: 5_000,
  checkpointMs: 1_000,
} as const;

const MIN_KEY_LENGTH = 32;

/** {@link NatsStoreOptions} with every default filled in. */
export interface ResolvedNatsOptions {
  readonly servers: readonly string[];
  readonly connection: Omit<NodeConnectionOptions, "servers">;
  readonly prefix: string;
  readonly replicas: number;
  readonly storage: "file" | "memory";
  readonly maxEntries: number;
  readonly maxBytes: number;
  readonly maxAgeMs: number;
  readonly whenFull: "drop-oldest" | "refuse";
  readonly cacheBytes: number;
  /** The newest first; none: plain text, when that was asked for. */
  readonly secretKeys: readonly SecretKey[];
  readonly plaintextSecrets: boolean;
  readonly maxDeadLetters: number;
  readonly timeoutMs: number;
  readonly checkpointMs: number;
  readonly clock: Clock;
}

/** @throws EventsError `option_invalid` naming the option. */
export function resolveNatsOptions(options: NatsStoreOptions): ResolvedNatsOptions {
  const servers = typeof options.servers === "string" ? options.servers.split(",") : [...options.servers];
  if (servers.length === 0 || servers.some((server) => server.trim() === ""))
    throw invalid("servers must name at least one server");
  const prefix = options.prefix ?? NATS_STORE_DEFAULTS.prefix;
  if (!/^[A-Za-z0-9-]+$/.test(prefix))
    throw invalid(`prefix must be letters, digits and "-", got "${prefix}"`);
  const replicas = options.replicas ?? NATS_STORE_DEFAULTS.replicas;
  if (![1, 3, 5].includes(replicas)) throw invalid(`replicas must be 1, 3 or 5, got ${replicas}`);
  const positive = (
    field:
      | "maxEntries"
      | "maxBytes"
      | "maxAgeMs"
      | "cacheBytes"
      | "maxDeadLetters"
      | "timeoutMs"
      | "checkpointMs",
  ): number => requirePositive(field, options[field] ?? NATS_STORE_DEFAULTS[field]);
  return {
    servers,
    connection: options.connection ?? {},
    prefix,
    replicas,
    storage: options.storage ?? NATS_STORE_DEFAULTS.storage,
    maxEntries: positive("maxEntries"),
    maxBytes: positive("maxBytes"),
    maxAgeMs: positive("maxAgeMs"),
    whenFull: options.whenFull ?? NATS_STORE_DEFAULTS.whenFull,
    cacheBytes: positive("cacheBytes"),
    ...secretsOf(options),
    maxDeadLetters: positive("maxDeadLetters"),
    timeoutMs: positive("timeoutMs"),
    checkpointMs: positive("checkpointMs"),
    clock: options.clock ?? systemClock,
  };
}

function secretsOf({ secretKey, plaintextSecrets = false }: NatsStoreOptions) {
  const secretKeys: readonly SecretKey[] =
    typeof secretKey === "string" || secretKey instanceof Uint8Array ? [secretKey] : (secretKey ?? []);
  if (secretKeys.some(({ length }) => length < MIN_KEY_LENGTH))
    throw invalid(`secretKey must have at least ${MIN_KEY_LENGTH} bytes or characters`);
  if (plaintextSecrets && secretKeys.length > 0)
    throw invalid("plaintextSecrets and secretKey exclude each other");
  return { secretKeys, plaintextSecrets };
}

function requirePositive(field: string, value: number): number {
  if (value > 0) return value;
  throw invalid(`${field} must be greater than 0, got ${value}`);
}

function invalid(what: string): EventsError {
  return new EventsError("option_invalid", `natsStore: ${what}`);
}
