/** Names below which nobody is forgotten. */
const SWEEP_FROM = 1_024;

interface Bucket {
  tokens: number;
  at: number;
}

/** How often something may be done for each name: a token bucket a name, full at first, holding `burst` tokens. */
export class Rates {
  readonly #buckets = new Map<string, Bucket>();
  readonly #perMs: number;
  readonly #burst: number;
  #sweepAt = SWEEP_FROM;

  constructor(times: number, perMs: number) {
    this.#perMs = times / perMs;
    this.#burst = Math.max(1, times);
  }

  /** Names that are remembered: those that did something lately. */
  get size(): number {
    return this.#buckets.size;
  }

  /** Takes a token if there is one. */
  take(name: string, now: number): boolean {
    const bucket = this.#filled(name, now);
    if (bucket.tokens < 1) return false;
    bucket.tokens -= 1;
    return true;
  }

  /** Milliseconds until `count` tokens are there; 0 when they are. */
  waitMs(name: string, count: number, now: number): number {
    if (!this.#buckets.has(name) && count <= this.#burst) return 0;
    const missing = count - this.#filled(name, now).tokens;
    return missing <= 0 ? 0 : Math.ceil(missing / this.#perMs);
  }

  #filled(name: string, now: number): Bucket {
    let bucket = this.#buckets.get(name);
    if (bucket === undefined) {
      if (this.#buckets.size >= this.#sweepAt) this.#sweep(now);
      bucket = { tokens: this.#burst, at: now };
      this.#buckets.set(name, bucket);
    }
    this.#fill(bucket, now);
    return bucket;
  }

  #fill(bucket: Bucket, now: number): void {
    const passed = Math.max(0, now - bucket.at);
    bucket.tokens = Math.min(this.#burst, bucket.tokens + passed * this.#perMs);
    bucket.at = now;
  }

  /** Forgets the full ones, which are as good as new. */
  #sweep(now: number): void {
    for (const [name, bucket] of this.#buckets) {
      this.#fill(bucket, now);
      if (bucket.tokens >= this.#burst) this.#buckets.delete(name);
    }
    this.#sweepAt = Math.max(SWEEP_FROM, 2 * this.#buckets.size);
  }
}
