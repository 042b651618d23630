import type { StoredHealth } from "@mcp-events/ordering";
import type { DeliveryError, DeliveryStatus } from "@mcp-events/protocol";
import type { WebhookSettings } from "./options";

const BUCKETS = 60;

interface Bucket {
  readonly index: number;
  attempts: number;
  failures: number;
}

/** How deliveries of one subscription fare: its status (HOOK-14), and whether too many fail (HOOK-13). */
export class DeliveryHealth {
  #lastDeliveryAt: number | undefined;
  #lastError: DeliveryError | undefined;
  #failedSince: number | undefined;
  #suspendedBefore = false;
  #buckets: Bucket[] | undefined;

  constructor(
    private readonly settings: WebhookSettings,
    /** What the owner before knew. */
    before?: StoredHealth,
  ) {
    this.#lastDeliveryAt = before?.lastDeliveryAt;
    this.#lastError = before?.lastError;
    this.#failedSince = before?.failedSince;
    this.#suspendedBefore = before?.suspended === true;
    if (before?.window === undefined) return;
    const { since, attempts, failures } = before.window;
    this.#buckets = [{ index: this.#indexOf(since), attempts, failures }];
  }

  /** Since when nothing was accepted, in milliseconds since the epoch; `undefined` when the last attempt was. */
  get failedSince(): number | undefined {
    return this.#failedSince;
  }

  /** What the next owner has to know. */
  stored(suspended: boolean): StoredHealth {
    const { attempts, failures } = this.#sum();
    const first = this.#buckets?.[0];
    const window = first && { since: first.index * this.#bucketMs, attempts, failures };
    return {
      suspended,
      lastDeliveryAt: this.#lastDeliveryAt,
      lastError: this.#lastError,
      failedSince: this.#failedSince,
      window,
    };
  }

  /** An attempt was accepted. The first one after a suspension begins a new count: the endpoint is back. */
  succeeded(now: number): void {
    this.#lastDeliveryAt = now;
    this.#lastError = undefined;
    this.#failedSince = undefined;
    if (this.#suspendedBefore) this.#buckets = undefined;
    this.#suspendedBefore = false;
    this.#count(now, 0);
  }

  /**
   * An attempt failed.
   *
   * @returns whether delivery is to be suspended: by the share of failures in a rolling window, not by their number. A
   * refresh does not begin the window anew.
   */
  failed(now: number, error: DeliveryError): boolean {
    this.#lastError = error;
    this.#failedSince ??= now;
    this.#count(now, 1);
    const { suspendRate, suspendMinAttempts } = this.settings;
    const { attempts, failures } = this.#sum();
    const suspends = attempts >= suspendMinAttempts && failures > suspendRate * attempts;
    this.#suspendedBefore ||= suspends;
    return suspends;
  }

  /** What a refresh answers. */
  status(active: boolean, retryAfterMs: number | undefined): DeliveryStatus {
    return {
      active,
      lastDeliveryAt: isoTime(this.#lastDeliveryAt),
      lastError: this.#lastError ?? null,
      ...(this.#failedSince !== undefined && { failedSince: isoTime(this.#failedSince) }),
      ...(retryAfterMs !== undefined && { throttled: true, retryAfterMs: Math.ceil(retryAfterMs) }),
    };
  }

  get #bucketMs(): number {
    return this.settings.suspendWindowMs / BUCKETS;
  }

  #indexOf(time: number): number {
    // What was stored is the beginning of a bucket, which a division may miss by a hair.
    return Math.floor(time / this.#bucketMs + 1e-6);
  }

  #sum(): { attempts: number; failures: number } {
    let attempts = 0;
    let failures = 0;
    for (const bucket of this.#buckets ?? []) {
      attempts += bucket.attempts;
      failures += bucket.failures;
    }
    return { attempts, failures };
  }

  #count(now: number, failures: 0 | 1): void {
    const index = this.#indexOf(now);
    const buckets = this.#buckets ?? [];
    this.#buckets = buckets;
    let newest = buckets.at(-1);
    if (newest === undefined || newest.index < index) {
      newest = { index, attempts: 0, failures: 0 };
      buckets.push(newest);
      while (buckets[0]!.index <= index - BUCKETS) buckets.shift();
    }
    newest.attempts += 1;
    newest.failures += failures;
  }
}

function isoTime(ms: number | undefined): string | null {
  return ms === undefined ? null : new Date(ms).toISOString();
}
