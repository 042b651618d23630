import { audienceOf } from "@mcp-events/ordering";
import type { Clock, JsonObject, Logger, WireError } from "@mcp-events/protocol";
import type { UpstreamGroup } from "../upstream/upstream-group";
import type { Upstreams } from "../upstream/upstreams";
import { IntervalQueue } from "./interval-queue";
import type { SubscriptionLimiter } from "./limits";
import { type Subscription, subscriptionInfo, unsubscribed } from "./subscription";

/** What {@link Leases} needs of its server. */
export interface LeaseContext {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly limiter: SubscriptionLimiter;
  readonly upstreams: Upstreams;
}

/** What is remembered between the polls of one key, for the hooks alone: never a position (POLL-2, POLL-6). */
export interface Lease {
  readonly key: string;
  /** Of the latest poll. */
  subscription: Subscription;
  readonly group: UpstreamGroup | undefined;
  /** Polls being answered. */
  active: number;
  /** Why the subscription ended; told to the next poll. */
  ended: WireError | undefined;
  /** Wakes the long polls that wait; absent while none does. */
  waiting?: Set<() => void> | undefined;
  /** Resolves when `onSubscribe` has run. */
  readonly started: Promise<void>;
  readonly release: () => void;
}

/** The polling subscriptions: one for each (principal, name, arguments) that was heard of within the lease (POLL-6). */
export class Leases {
  readonly #leases = new Map<string, Lease>();
  readonly #silence: IntervalQueue<Lease>;
  readonly #ending = new Set<Promise<void>>();

  constructor(
    private readonly context: LeaseContext,
    leaseMs: number,
  ) {
    this.#silence = new IntervalQueue(context.clock, leaseMs, (lease) => {
      if (lease.active === 0) this.#drop(lease);
    });
  }

  /** Number of living leases. */
  get size(): number {
    let size = 0;
    for (const lease of this.#leases.values()) if (lease.ended === undefined) size += 1;
    return size;
  }

  /** Living leases. */
  all(): Lease[] {
    return [...this.#leases.values()].filter((lease) => lease.ended === undefined);
  }

  /**
   * Begins to answer a poll: renews the key's lease, or takes one, which counts against the limits and runs
   * `onSubscribe`. Call {@link leave} when it is answered.
   *
   * @param fromNow - The poll has no position: it knows of no subscription before.
   * @throws WireError `ResourceExhausted`, the error that ended the subscription, or what `onSubscribe` throws.
   */
  async enter(subscription: Subscription, fromNow: boolean): Promise<Lease> {
    const lease = this.#find(subscription, fromNow) ?? this.#take(subscription);
    lease.active += 1;
    this.#silence.touch(lease);
    try {
      await lease.started;
    } catch (error) {
      this.leave(lease);
      throw error;
    }
    return lease;
  }

  /** The poll is answered. */
  leave(lease: Lease): void {
    lease.active -= 1;
    if (this.#leases.get(lease.key) === lease) this.#silence.touch(lease);
  }

  /** Forgets why a subscription ended: its client was told in another way. */
  forgetEnded(principal: string | null, name: string, args: JsonObject): void {
    const lease = this.#leases.get(audienceOf(principal, name, args));
    if (lease?.ended !== undefined) this.#forget(lease);
  }

  /** Ends the lease of a subscription that is no longer allowed. */
  dropEqual(subscription: Subscription): void {
    const lease = this.#leases.get(keyOf(subscription));
    if (lease !== undefined) this.#drop(lease);
  }

  /** Ends leases; the next poll that goes on from a position is told why. */
  end(belongs: (lease: Lease) => boolean, reason: WireError): void {
    for (const lease of this.all()) if (belongs(lease)) this.#end(lease, reason);
  }

  /** Ends all leases and waits for their hooks. */
  async close(): Promise<void> {
    for (const lease of [...this.#leases.values()]) this.#drop(lease);
    await Promise.all(this.#ending);
  }

  #find(subscription: Subscription, fromNow: boolean): Lease | undefined {
    const lease = this.#leases.get(keyOf(subscription));
    if (lease === undefined) return undefined;
    if (
      lease.ended === undefined &&
      lease.subscription.type.registration === subscription.type.registration
    ) {
      lease.subscription = subscription;
      lease.group?.askFor(subscription);
      return lease;
    }
    this.#drop(lease);
    if (lease.ended !== undefined && (!fromNow || !subscription.type.replay)) throw lease.ended;
    return undefined;
  }

  #take(subscription: Subscription): Lease {
    const { limiter, upstreams } = this.context;
    const giveBack = limiter.reserve(subscription.principal);
    const upstream = upstreams.retain(subscription);
    const started = start(subscription);
    const lease: Lease = {
      key: keyOf(subscription),
      subscription,
      group: upstream?.group,
      active: 0,
      ended: undefined,
      started,
      release: () => {
        giveBack();
        upstream?.release();
      },
    };
    this.#leases.set(lease.key, lease);
    started.catch(() => this.#forget(lease));
    return lease;
  }

  #drop(lease: Lease): void {
    if (lease.ended === undefined) this.#end(lease, undefined);
    this.#forget(lease);
  }

  #end(lease: Lease, reason: WireError | undefined): void {
    lease.ended = reason;
    lease.release();
    for (const wake of lease.waiting ?? []) wake();
    const { subscription, started } = lease;
    const ending = started.then(
      () => unsubscribed(subscription, this.context.logger),
      () => {},
    );
    this.#ending.add(ending);
    void ending.then(() => this.#ending.delete(ending));
  }

  #forget(lease: Lease): void {
    lease.release();
    this.#silence.delete(lease);
    if (this.#leases.get(lease.key) === lease) this.#leases.delete(lease.key);
  }
}

async function start(subscription: Subscription): Promise<void> {
  await subscription.type.options.onSubscribe?.(subscriptionInfo(subscription));
}

/** Anonymous callers have a key of their own: `null` is no principal's name. */
function keyOf({ principal, type, rawArguments }: Subscription): string {
  return audienceOf(principal, type.name, rawArguments);
}
