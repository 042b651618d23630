import type { SettledPlace, StoredSubscription } from "@mcp-events/ordering";
import { findStart, pastHole, type Start } from "../subscriptions/start";
import { readSubscription, type Subscription, subscriptionInfo } from "../subscriptions/subscription";
import type { UpstreamGroup } from "../upstream/upstream-group";
import { WebhookSubscription } from "./webhook-subscription";
import type { Webhooks } from "./webhooks";

const PAGE = 256;

/**
 * Takes up the subscriptions that an earlier process left in a durable store, each once its event type is registered.
 * They were verified then, and are authorized anew in their turn.
 */
export class RestoredSubscriptions {
  readonly #waiting = new Map<string, StoredSubscription>();
  #loading: Promise<void> | undefined;

  constructor(private readonly webhooks: Webhooks) {}

  /** Takes up what waits for the event types that are registered now; failures are logged. */
  async takeUp(): Promise<void> {
    const { engine, store } = this.webhooks;
    if (engine.options.store.webhooks !== store) return;
    try {
      this.#loading ??= this.#load();
      await this.#loading;
    } catch (error) {
      this.#loading = undefined;
      engine.logger.error("stored webhook subscriptions could not be read", { error });
      return;
    }
    for (const [id, stored] of [...this.#waiting]) {
      if (engine.closing.aborted) return;
      if (!engine.registry.has(stored.name)) continue;
      this.#waiting.delete(id);
      await this.webhooks
        .inTurn(id, () => this.#restore(stored))
        .catch((error: unknown) => {
          engine.logger.error("a stored webhook subscription was not taken up", {
            subscriptionId: id,
            error,
          });
        });
    }
  }

  async #load(): Promise<void> {
    const { subscriptions } = this.webhooks.store;
    let after: string | undefined;
    for (;;) {
      const page = await subscriptions.page(after, PAGE);
      for (const stored of page) this.#waiting.set(stored.id, stored);
      after = page.at(-1)?.id;
      if (page.length < PAGE) return;
    }
  }

  async #restore(stored: StoredSubscription): Promise<void> {
    const { webhooks } = this;
    const { engine, store } = webhooks;
    if (webhooks.find(stored.id) !== undefined) return;
    if (stored.expiresAt !== null && stored.expiresAt <= engine.clock.now()) {
      await store.subscriptions.delete(stored.id);
      return;
    }
    const { principal, name, arguments: args } = stored;
    const caller = { principal, authInfo: undefined };
    const params = { name, arguments: args };
    const subscription = await readSubscription(engine.registry, "restore", "webhook", caller, params);
    const giveBack = engine.limiter.reserve(principal);
    const upstream = engine.upstreams.retain(subscription);
    const release = () => {
      upstream?.release();
      giveBack();
    };
    try {
      await subscription.type.options.onSubscribe?.(subscriptionInfo(subscription));
      const token = await store.subscriptions.takeOver(stored.id);
      const place = await store.subscriptions.place(stored.id);
      const start = await startFrom(webhooks, subscription, place, upstream?.group);
      const parts = { stored, subscription, start, token, givenUp: place?.givenUp, release };
      const made = new WebhookSubscription(webhooks, parts);
      await made.prepare();
      webhooks.add(made, 0);
    } catch (error) {
      release();
      throw error;
    }
  }
}

/** Where the owner before stood; what lies between is gone is found by the reader, and told. */
async function startFrom(
  { engine }: Webhooks,
  { type }: Subscription,
  place: SettledPlace | undefined,
  group: UpstreamGroup | undefined,
): Promise<Start> {
  const log = engine.logOf(type.logName);
  await log.open();
  const cursor = place === undefined ? null : log.cursor({ ...place, seq: place.through });
  const { durable } = engine.options.store;
  const start = await findStart({ log, group, cursor, now: engine.clock.now(), durable });
  const past = await pastHole(await log.open(), type.name, start);
  const goesOn = place !== undefined && past.epoch === place.epoch && past.after === place.through;
  return goesOn ? { ...past, last: place.last } : past;
}
