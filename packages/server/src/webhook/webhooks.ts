import { memoryWebhooks, type WebhookStore } from "@mcp-events/ordering";
import { type SubscriptionKey, subscriptionId, type WebhookSender, WireError } from "@mcp-events/protocol";
import type { Engine } from "../engine";
import type { EventType } from "../registry/event-type";
import type { Ending } from "../subscriptions/living";
import { unsubscribed } from "../subscriptions/subscription";
import { untilAborted } from "../until-aborted";
import { Expiry } from "./expiry";
import { followStore } from "./follow-store";
import type { WebhookSettings } from "./options";
import { Owner } from "./owner";
import { RestoredSubscriptions } from "./restore";
import { Turns } from "./turns";
import type { WebhookSubscription } from "./webhook-subscription";

/** When one that has expired and could not be removed is removed again, in milliseconds. */
const EXPIRES_AGAIN_MS = 5_000;

/** The webhook subscriptions that this process owns: one for each key, whoever asks how often at once (HOOK-3). */
export class Webhooks {
  readonly store: WebhookStore;
  /** Whether subscriptions outlive the process, so that one may be without an end (HOOK-6). */
  readonly durable: boolean;
  readonly restored = new RestoredSubscriptions(this);
  readonly owner = new Owner(this);
  readonly #live = new Map<string, WebhookSubscription>();
  /** Those that are being ended: nobody can refresh them any more. */
  readonly #ending = new Map<string, { readonly of: WebhookSubscription; readonly done: Promise<void> }>();
  readonly #turns = new Turns();
  #lastId: Promise<unknown> = Promise.resolve();
  readonly #expiry: Expiry;
  readonly #unfollow: () => void;

  constructor(
    readonly engine: Engine,
    readonly sender: WebhookSender,
    readonly settings: WebhookSettings,
  ) {
    const { store } = engine.options;
    this.store = store.webhooks ?? memoryWebhooks({ clock: engine.clock });
    this.durable = store.durable && store.webhooks !== undefined;
    this.#expiry = new Expiry(engine.clock, (now) => this.#expire(now));
    this.#unfollow = this.store.shared ? followStore(this) : () => {};
  }

  /** Number of living subscriptions. */
  get size(): number {
    return this.#live.size;
  }

  /** Living subscriptions. */
  all(): WebhookSubscription[] {
    return [...this.#live.values()];
  }

  /** Living subscriptions, and those that are being ended: who may no longer get events is asked of both (AUTH-2). */
  allAndEnding(): WebhookSubscription[] {
    return [...this.#live.values(), ...[...this.#ending.values()].map(({ of }) => of)];
  }

  /** Whether this process has a subscription of the key, be it expired or being ended. */
  has(id: string): boolean {
    return this.#live.has(id) || this.#ending.has(id);
  }

  /** Whether one of the key is being ended: nothing but its end goes out any more. */
  isEnding(id: string): boolean {
    return this.#ending.has(id);
  }

  /** The living subscription of the key, be it expired. */
  live(id: string): WebhookSubscription | undefined {
    return this.#live.get(id);
  }

  /** A living subscription that has not expired. */
  find(id: string): WebhookSubscription | undefined {
    const found = this.#live.get(id);
    return found?.isExpired(this.engine.clock.now()) === true ? undefined : found;
  }

  /**
   * The id of a key. Hashing may overtake hashing: ids come in the order in which they were asked for, so that requests
   * of one key are served as they came.
   */
  idOf(key: SubscriptionKey): Promise<string> {
    const hashed = subscriptionId(key);
    hashed.catch(() => {});
    const id = this.#lastId.then(() => hashed);
    this.#lastId = id.catch(() => {});
    return id;
  }

  /** Runs what concerns one key after everything begun before for it: equal requests never race. */
  inTurn<T>(id: string, fn: () => Promise<T>): Promise<T> {
    return this.#turns.run(id, fn);
  }

  /** Takes a new subscription in; delivery begins after `delayMs`. */
  add(subscription: WebhookSubscription, delayMs: number): void {
    this.#live.set(subscription.id, subscription);
    this.engine.reauthorizations.touch(subscription);
    this.expires(subscription);
    subscription.start(delayMs);
  }

  /** Ends a subscription without a word to its receiver: unsubscribed, or expired. */
  async remove(subscription: WebhookSubscription): Promise<void> {
    const { id } = subscription;
    if (!this.#leave(subscription)) return;
    await this.#letGo(subscription, () => this.store.subscriptions.delete(id, subscription.guard));
  }

  /** Ends a subscription and tells its receiver. */
  ending(subscription: WebhookSubscription, ending: Ending): void {
    const { id } = subscription;
    if (!this.#leave(subscription)) return;
    const done = this.#end(subscription, ending).catch(this.#notRemoved);
    this.#ending.set(id, { of: subscription, done });
  }

  /** A subscription of the same key begins anew: nothing of the one before may arrive after it. */
  async clear(id: string): Promise<void> {
    const ending = this.#ending.get(id);
    await ending?.of.stop();
    await ending?.done;
    const before = this.#live.get(id);
    if (before !== undefined) await this.remove(before);
  }

  /** Another process owns the subscription now (ORDERING rule 12). */
  fenced(subscription: WebhookSubscription): void {
    if (!this.#leave(subscription)) return;
    this.engine.logger.warn("a webhook subscription has another owner", { subscriptionId: subscription.id });
    const { id, guard, stored } = subscription;
    void this.#letGo(subscription, () => this.store.subscriptions.release(id, guard.token)).catch(
      (error: unknown) => {
        this.restored.takeUpLater(stored);
        this.engine.logger.error("a webhook subscription was not given back", { subscriptionId: id, error });
      },
    );
  }

  /** Nobody waits for this server any more: what it had, others have, or will. */
  fencedAll(): void {
    for (const one of this.all()) this.fenced(one);
  }

  /** Ends the subscriptions of a registration. */
  endAll({ registration }: EventType, ending: Ending): void {
    for (const one of this.all()) if (one.subscription.type.registration === registration) one.end(ending);
  }

  /** Resolves when everything that is due has been tried, by subscriptions of an earlier process too. */
  async flush(): Promise<void> {
    for (const log of this.engine.logs) await log.queue.idle();
    await this.restored.takeUp();
    await this.#flush();
  }

  /** Tries once what is due, for as long as `over` lets it, and stops. What is stored stays. */
  async close(over: AbortSignal): Promise<void> {
    await untilAborted(over, this.#flush());
    const ending = [...this.#ending.values()];
    const ended = Promise.all(ending.map(({ done }) => done));
    await untilAborted(over, ended);
    for (const { of } of ending) void of.stop();
    const all = this.all();
    this.#live.clear();
    this.#expiry.clear();
    this.#unfollow();
    await untilAborted(over, Promise.allSettled(all.map((one) => this.#letGo(one, () => {}))));
    await untilAborted(over, this.owner.retire());
    await untilAborted(over, this.sender.close());
  }

  /** Notes when a subscription ends by itself. */
  expires({ stored, abandonedAt }: WebhookSubscription): void {
    this.#expiry.note(stored.expiresAt);
    this.#expiry.note(abandonedAt);
  }

  async #flush(): Promise<void> {
    await Promise.all(this.allAndEnding().map((one) => one.flush()));
  }

  /** Removes what has expired; when the next one does. */
  #expire(now: number): number | null {
    let next = Number.POSITIVE_INFINITY;
    for (const one of this.all()) {
      const { abandonedAt, stored } = one;
      if (one.isExpired(now))
        void this.inTurn(one.id, () => this.#removeExpired(one)).catch(this.#notExpired);
      else if (abandonedAt !== null && abandonedAt <= now) one.end({ error: abandoned() });
      else next = Math.min(next, stored.expiresAt ?? next, abandonedAt ?? next);
    }
    return Number.isFinite(next) ? next : null;
  }

  /** Unless it was refreshed in the turn before, or by another process, which owns it then (ORDERING rule 12). */
  async #removeExpired(subscription: WebhookSubscription): Promise<void> {
    const now = this.engine.clock.now();
    if (!subscription.isExpired(now)) return;
    const { guard, id } = subscription;
    if (await this.store.subscriptions.delete(id, guard)) {
      if (this.#leave(subscription)) await this.#letGo(subscription, () => {});
      return;
    }
    // Another process refreshed it, or has it.
    this.fenced(subscription);
  }

  async #end(subscription: WebhookSubscription, ending: Ending): Promise<void> {
    const { id } = subscription;
    try {
      const isTold = await subscription.finish(ending);
      // What the server's close cut off is told by the next process.
      const forgets = isTold || !this.engine.closing.aborted;
      const { guard } = subscription;
      await this.#letGo(subscription, () =>
        forgets ? this.store.subscriptions.delete(id, guard) : undefined,
      );
    } finally {
      this.#ending.delete(id);
    }
  }

  /** Whether it was living; it is not any more. */
  #leave(subscription: WebhookSubscription): boolean {
    if (this.#live.get(subscription.id) !== subscription) return false;
    this.#live.delete(subscription.id);
    if (this.#live.size === 0) this.#expiry.clear();
    return true;
  }

  async #letGo(subscription: WebhookSubscription, forget: () => unknown): Promise<void> {
    this.engine.reauthorizations.delete(subscription);
    try {
      await subscription.stop();
      await forget();
    } finally {
      await unsubscribed(subscription.subscription, this.engine.logger);
    }
  }

  /** It is tried again: nothing may go out for ever. */
  readonly #notExpired = (error: unknown) => {
    const { clock, closing } = this.engine;
    this.#notRemoved(error);
    if (!closing.aborted) this.#expiry.note(clock.now() + EXPIRES_AGAIN_MS);
  };

  readonly #notRemoved = (error: unknown) => {
    this.engine.logger.error("a webhook subscription was not removed from its store", { error });
  };
}

/** Nothing was accepted for longer than anybody is waited for (HOOK-6). */
function abandoned(): WireError {
  return new WireError("CallbackEndpointError", "Nothing was accepted for too long; the subscription ended", {
    reason: "abandoned",
  });
}
