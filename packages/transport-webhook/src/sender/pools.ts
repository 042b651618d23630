import { isIP, type LookupFunction } from "node:net";
import type { Clock } from "@mcp-events/protocol";
import { Pool } from "undici";
import type { CallbackUrl } from "./callback-url";

/** Certificate authorities to trust instead of the built-in ones. */
export interface TlsOptions {
  readonly ca?: string | Buffer | readonly (string | Buffer)[] | undefined;
}

/** How connections are kept. */
export interface PoolsOptions {
  /** Connections to one address of one origin, at most. */
  readonly connections: number;
  /** Pools kept, at most, beyond those in use. */
  readonly maxPools: number;
  /** Limit on connecting, on waiting for headers and between parts of a body, in milliseconds. */
  readonly timeoutMs: number;
  readonly tls?: TlsOptions | undefined;
}

/** A pool is let go of after this long without use, in milliseconds. */
const IDLE_MS = 60_000;

/** Connections of one origin to one address. */
export class PinnedPool {
  /** Attempts under way. */
  users = 0;
  usedAt = 0;
  /** Whether the last attempt to connect succeeded. */
  healthy = true;

  constructor(
    readonly key: string,
    readonly pool: Pool,
  ) {}
}

/** Keeps connections by origin and address: one that was made to a checked address carries posts to that address only. */
export class Pools {
  readonly #pools = new Map<string, PinnedPool>();
  #unsweep: (() => void) | undefined;

  constructor(
    private readonly options: PoolsOptions,
    private readonly clock: Clock,
  ) {}

  /** Pools kept now. */
  get size(): number {
    return this.#pools.size;
  }

  /** Puts the address to which there are healthy connections first. */
  inOrder(origin: string, addresses: readonly string[]): readonly string[] {
    if (addresses.length === 1) return addresses;
    const known = addresses.find((address) => this.#pools.get(`${origin} ${address}`)?.healthy);
    const ailing = (address: string) => this.#pools.get(`${origin} ${address}`)?.healthy === false;
    if (known === undefined) return [...addresses].sort((a, b) => Number(ailing(a)) - Number(ailing(b)));
    return [known, ...addresses.filter((address) => address !== known)];
  }

  /** The pool of an address; {@link release} is to follow. */
  use({ origin }: CallbackUrl, address: string): PinnedPool {
    const key = `${origin} ${address}`;
    let pinned = this.#pools.get(key);
    if (pinned === undefined) {
      if (this.#pools.size >= this.options.maxPools) this.#dropOldest();
      pinned = new PinnedPool(key, this.#connect(origin, address));
      this.#pools.set(key, pinned);
      this.#unsweep ??= this.clock.after(IDLE_MS, () => this.#sweep());
    }
    pinned.users += 1;
    return pinned;
  }

  release(pinned: PinnedPool): void {
    pinned.users -= 1;
    pinned.usedAt = this.clock.now();
  }

  /** Cuts every connection. */
  async close(): Promise<void> {
    this.#unsweep?.();
    this.#unsweep = undefined;
    const pools = [...this.#pools.values()];
    this.#pools.clear();
    await Promise.all(pools.map(({ pool }) => pool.destroy()));
  }

  #connect(origin: string, address: string): Pool {
    const { connections, timeoutMs, tls } = this.options;
    return new Pool(origin, {
      connections,
      headersTimeout: timeoutMs,
      bodyTimeout: timeoutMs,
      connect: {
        timeout: timeoutMs,
        lookup: pinnedTo(address),
        autoSelectFamily: false,
        rejectUnauthorized: true,
        ...(tls?.ca !== undefined && { ca: tls.ca as string | Buffer | (string | Buffer)[] }),
      },
    });
  }

  #sweep(): void {
    this.#unsweep = undefined;
    const before = this.clock.now() - IDLE_MS;
    for (const pinned of this.#pools.values()) {
      if (pinned.users === 0 && pinned.usedAt <= before) this.#drop(pinned);
    }
    if (this.#pools.size > 0) this.#unsweep = this.clock.after(IDLE_MS, () => this.#sweep());
  }

  #dropOldest(): void {
    let oldest: PinnedPool | undefined;
    for (const pinned of this.#pools.values()) {
      if (pinned.users === 0 && (oldest === undefined || pinned.usedAt < oldest.usedAt)) oldest = pinned;
    }
    if (oldest !== undefined) this.#drop(oldest);
  }

  #drop(pinned: PinnedPool): void {
    this.#pools.delete(pinned.key);
    void pinned.pool.destroy();
  }
}

/** Stands in for DNS where a socket connects: whatever the name, it is this address (HOOK-15). */
function pinnedTo(address: string): LookupFunction {
  const family = isIP(address);
  return (_hostname, options, callback) => {
    if (options.all) callback(null, [{ address, family }]);
    else callback(null, address, family);
  };
}
