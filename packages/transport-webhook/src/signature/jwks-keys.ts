import { type Clock, EventsError, type Logger, silentLogger, systemClock } from "@mcp-events/protocol";
import { chunksOf, readBounded } from "../receiver/read-bounded";
import { keysOfJwks, type PublicKeys } from "./public-keys";

/** Options of {@link jwksKeys}. */
export interface JwksOptions {
  /** Where the server publishes its keys: `/.well-known/mcp-webhook-jwks.json` at the origin the client connects to. */
  readonly url: string;
  /** Default: the global `fetch`. */
  readonly fetch?: ((url: string, init: RequestInit) => Promise<Response>) | undefined;
  /** Default: the machine's own time. */
  readonly clock?: Clock | undefined;
  /** How long keys are used before they are fetched again, in milliseconds; default one hour. */
  readonly ttlMs?: number | undefined;
  /** Shortest time between two fetches because of a key that is not known, in milliseconds; default one minute. */
  readonly refetchMs?: number | undefined;
  /** Longest time a fetch may take, in milliseconds; default 3,000. */
  readonly timeoutMs?: number | undefined;
  /** Default: says nothing. */
  readonly logger?: Logger | undefined;
}

/** Defaults of {@link JwksOptions}. */
export const JWKS_DEFAULTS = { ttlMs: 60 * 60_000, refetchMs: 60_000, timeoutMs: 3_000 } as const;

/** Longest document that is read, in bytes. */
const MAX_BYTES = 64 * 1024;
/** Wait after a fetch that failed, in milliseconds. */
const RETRY_MS = 5_000;

/**
 * The keys a server publishes (HOOK-16): fetched when first needed and when `ttlMs` is over, and once more for a
 * signature that no known key made. Redirects are not followed; keys that could not be fetched again are not used on.
 *
 * @throws EventsError `option_invalid` for a URL that is neither https nor plain http on the own machine.
 */
export function jwksKeys(options: JwksOptions): PublicKeys {
  requireUrl(options.url);
  return new JwksKeys(options);
}

class JwksKeys implements PublicKeys {
  readonly #clock: Clock;
  readonly #ttlMs: number;
  readonly #refetchMs: number;
  #keys: { readonly keys: readonly CryptoKey[]; readonly at: number } | undefined;
  #failedAt: number | undefined;
  #fetching: Promise<readonly CryptoKey[] | undefined> | undefined;

  constructor(private readonly options: JwksOptions) {
    this.#clock = options.clock ?? systemClock;
    this.#ttlMs = options.ttlMs ?? JWKS_DEFAULTS.ttlMs;
    this.#refetchMs = options.refetchMs ?? JWKS_DEFAULTS.refetchMs;
  }

  async current(): Promise<readonly CryptoKey[] | undefined> {
    const known = this.#keys;
    if (known !== undefined && this.#clock.now() - known.at < this.#ttlMs) return known.keys;
    return this.#fetch();
  }

  async refreshed(): Promise<readonly CryptoKey[] | undefined> {
    const known = this.#keys;
    if (known !== undefined && this.#clock.now() - known.at < this.#refetchMs) return undefined;
    return this.#fetch();
  }

  #fetch(): Promise<readonly CryptoKey[] | undefined> {
    if (this.#fetching !== undefined) return this.#fetching;
    const failedAt = this.#failedAt;
    if (failedAt !== undefined && this.#clock.now() - failedAt < RETRY_MS) return Promise.resolve(undefined);
    this.#fetching = this.#load().finally(() => {
      this.#fetching = undefined;
    });
    return this.#fetching;
  }

  async #load(): Promise<readonly CryptoKey[] | undefined> {
    const { url, logger = silentLogger } = this.options;
    const abort = new AbortController();
    const timeoutMs = this.options.timeoutMs ?? JWKS_DEFAULTS.timeoutMs;
    const cancel = this.#clock.after(timeoutMs, () => abort.abort());
    try {
      const keys = await withSignal(this.#request(abort.signal), abort.signal);
      this.#keys = { keys, at: this.#clock.now() };
      this.#failedAt = undefined;
      return keys;
    } catch (error) {
      this.#failedAt = this.#clock.now();
      const reason = error instanceof Error ? error.message : String(error);
      logger.warn("the server's webhook keys could not be fetched", { url, reason });
      return undefined;
    } finally {
      cancel();
    }
  }

  async #request(signal: AbortSignal): Promise<readonly CryptoKey[]> {
    const { url, fetch = globalThis.fetch } = this.options;
    const init = { signal, redirect: "manual", headers: { accept: "application/json" } } as const;
    const response = await fetch(url, init);
    if (response.status !== 200) {
      void response.body?.cancel().catch(() => {});
      throw new Error(`answered ${response.status}`);
    }
    const body = await readBounded(chunksOf(response.body), MAX_BYTES);
    if (body.length > MAX_BYTES) throw new Error(`longer than ${MAX_BYTES} bytes`);
    const keys = await keysOfJwks(JSON.parse(new TextDecoder().decode(body)));
    if (keys === undefined) throw new Error("not a JWK set");
    return keys;
  }
}

/** Whatever a `fetch` makes of its signal, nobody waits longer. */
function withSignal<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    signal.addEventListener("abort", () => reject(new Error("took too long")), { once: true });
    work.then(resolve, reject);
  });
}

function requireUrl(url: string): void {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  const isLocal = ["localhost", "127.0.0.1", "[::1]"].includes(parsed?.hostname ?? "");
  if (parsed?.protocol === "https:" || (parsed?.protocol === "http:" && isLocal)) return;
  throw new EventsError("option_invalid", `url must be https, but is ${url}`);
}
