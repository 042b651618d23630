import { memoryWebhooks, type WebhookStore } from "@mcp-events/ordering";
import type { WebhookSender } from "@mcp-events/protocol";
import type { Engine } from "../engine";
import type { EventType } from "../registry/event-type";
import type { Ending } from "../subscriptions/living";
import { unsubscribed } from "../subscriptions/subscription";
import { untilAborted } from "../until-aborted";
import type { WebhookSettings } from "./options";
import { RestoredSubscriptions } from "./restore";
import type { WebhookSubscription } from "./webhook-subscription";

/** The webhook subscriptions that this process owns: one for each key, whoever asks how often at once (HOOK-3). */
export class Webhooks {
  readonly store: WebhookStore;
  readonly restored = new RestoredSubscriptions(this);
  readonly #live = new Map<string, WebhookSubscription>();
  /** Those that are being ended: nobody can refresh them any more. */
  readonly #ending = new Map<string, { readonly of: WebhookSubscription; readonly done: Promise<void> }>();
  readonly #turns = new Map<string, Promise<unknown>>();
  #expiry: { readonly at: number; readonly cancel: () => void } | undefined;

  constructor(
    readonly engine: Engine,
    readonly sender: WebhookSender,
    readonly settings: WebhookSettings,
  ) {
    this.store = engine.options.store.webhooks ?? memoryWebhooks();
  }

  /** Number of living subscriptions. */
  get size(): number {
    return this.#live.size;
  }

  /** Living subscriptions. */
  all(): WebhookSubscription[] {
    return [...this.#live.values()];
  }

  /** A living subscription that has not expired. */
  find(id: string): WebhookSubscription | undefined {
    const found = this.#live.get(id);
    return found?.isExpired(this.engine.clock.now()) === true ? undefined : found;
  }

  /** Runs what concerns one key after everything begun before for it: equal requests never race. */
  async inTurn<T>(id: string, fn: () => Promise<T>): Promise<T> {
    const before = this.#turns.get(id) ?? Promise.resolve();
    const mine = before.then(fn, fn);
    const over = mine.then(
      () => {},
      () => {},
    );
    this.#turns.set(id, over);
    try {
      return await mine;
    } finally {
      if (this.#turns.get(id) === over) this.#turns.delete(id);
    }
  }

  /** Takes a new subscription in; delivery begins after `delayMs`. */
  add(subscription: WebhookSubscription, delayMs: number): void {
    const { id } = subscription;
    this.#live.set(id, subscription);
    this.engine.reauthorizations.touch(subscription);
    this.expires(subscription);
    this.engine.clock.after(delayMs, () => {
      if (this.#live.get(id) === subscription) subscription.start();
    });
  }

  /** Ends a subscription without a word to its receiver: unsubscribed, or expired. */
  async remove(subscription: WebhookSubscription): Promise<void> {
    if (this.#live.get(subscription.id) !== subscription) return;
    this.#live.delete(subscription.id);
    await this.#letGo(subscription);
    await this.store.subscriptions.delete(subscription.id);
  }

  /** Ends a subscription and tells its receiver. */
  ending(subscription: WebhookSubscription, ending: Ending): void {
    const { id } = subscription;
    if (this.#live.get(id) !== subscription) return;
    this.#live.delete(id);
    const done = subscription.finish(ending).finally(() => this.#ended(subscription));
    this.#ending.set(id, { of: subscription, done });
    done.catch((error: unknown) => this.engine.logger.error("ending a webhook failed", { id, error }));
  }

  /** A subscription of the same key begins anew: nothing of the one before may arrive after it. */
  async clear(id: string): Promise<void> {
    const ending = this.#ending.get(id);
    ending?.of.stop();
    await ending?.done.catch(() => {});
    const expired = this.#live.get(id);
    if (expired !== undefined) await this.remove(expired);
  }

  /** Another process owns the subscription now (ORDERING rule 12). */
  fenced(subscription: WebhookSubscription): void {
    if (this.#live.get(subscription.id) !== subscription) return;
    this.engine.logger.warn("a webhook subscription has another owner", { subscriptionId: subscription.id });
    this.#live.delete(subscription.id);
    void this.#letGo(subscription);
  }

  /** Ends the subscriptions of a registration. */
  endAll({ registration }: EventType, ending: Ending): void {
    for (const one of this.all()) if (one.subscription.type.registration === registration) one.end(ending);
  }

  /** Resolves when everything that is due has been tried. */
  async flush(): Promise<void> {
    for (const log of this.engine.logs) await log.queue.idle();
    const ending = [...this.#ending.values()].map(({ of }) => of);
    await Promise.all([...this.all(), ...ending].map((one) => one.flush()));
  }

  /** Tries once what is due, for as long as `over` lets it, and stops. What is stored stays. */
  async close(over: AbortSignal): Promise<void> {
    await untilAborted(over, this.flush());
    const ending = [...this.#ending.values()];
    await untilAborted(over, Promise.allSettled(ending.map(({ done }) => done)));
    for (const { of } of ending) of.stop();
    const all = this.all();
    this.#live.clear();
    this.#expiry?.cancel();
    await untilAborted(over, Promise.allSettled(all.map((one) => this.#letGo(one))));
    await this.sender.close();
  }

  /** Notes when a subscription ends by itself; one timer for all. */
  expires({ stored }: WebhookSubscription): void {
    const at = stored.expiresAt;
    if (at === null || (this.#expiry !== undefined && this.#expiry.at <= at)) return;
    this.#armExpiry(at);
  }

  #armExpiry(at: number | undefined): void {
    this.#expiry?.cancel();
    this.#expiry = undefined;
    if (at === undefined) return;
    const { clock } = this.engine;
    const cancel = clock.after(Math.max(0, at - clock.now()), () => this.#expire());
    this.#expiry = { at, cancel };
  }

  #expire(): void {
    const now = this.engine.clock.now();
    let next: number | undefined;
    for (const one of this.all()) {
      const at = one.stored.expiresAt;
      if (one.isExpired(now)) {
        void this.inTurn(one.id, async () => {
          if (one.isExpired(this.engine.clock.now())) await this.remove(one);
        });
      } else if (at !== null) next = Math.min(next ?? at, at);
    }
    this.#armExpiry(next);
  }

  async #ended(subscription: WebhookSubscription): Promise<void> {
    const { id } = subscription;
    this.#ending.delete(id);
    await this.#letGo(subscription);
    if (!this.#live.has(id)) await this.store.subscriptions.delete(id);
  }

  async #letGo(subscription: WebhookSubscription): Promise<void> {
    this.engine.reauthorizations.delete(subscription);
    subscription.stop();
    subscription.release();
    await unsubscribed(subscription.subscription, this.engine.logger);
  }
}
