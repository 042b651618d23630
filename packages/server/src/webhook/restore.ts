import type { SettledPlace, StoredSubscription } from "@mcp-events/ordering";
import { findStart } from "../subscriptions/start";
import { readSubscription, type Subscription } from "../subscriptions/subscription";
import type { UpstreamGroup } from "../upstream/upstream-group";
import { holding } from "./holding";
import type { DeliveryStart } from "./lane-reader";
import { takeIn } from "./take-in";
import type { WebhookSubscription } from "./webhook-subscription";
import type { Webhooks } from "./webhooks";

const PAGE = 256;

/**
 * Takes up the subscriptions that an earlier process left in a store, each once its event type is registered. They were
 * verified then, and are authorized anew in their turn.
 */
export class RestoredSubscriptions {
  /** Names of their event types, by id. */
  readonly #waiting = new Map<string, string>();
  #loaded = false;
  #taking: Promise<void> = Promise.resolve();

  constructor(private readonly webhooks: Webhooks) {}

  /** Takes up what waits for the event types that are registered now; never rejects, failures are logged. */
  takeUp(): Promise<void> {
    this.#taking = this.#taking.then(() => this.#takeUp());
    return this.#taking;
  }

  /**
   * One that the store has, which belongs to this process from now on; `undefined` when there is none. To be called in
   * the turn of its key.
   *
   * @param delayMs - When its delivery begins.
   * @throws WireError when it cannot be taken up.
   */
  async claim(id: string, delayMs: number): Promise<WebhookSubscription | undefined> {
    const { engine, store } = this.webhooks;
    const stored = await store.subscriptions.get(id);
    if (stored === undefined || !engine.registry.has(stored.name)) return undefined;
    this.#waiting.delete(id);
    if (await this.#isExpired(stored)) return undefined;
    return this.#restore(stored, delayMs);
  }

  async #takeUp(): Promise<void> {
    const { engine } = this.webhooks;
    try {
      if (!this.#loaded) await this.#load();
      this.#loaded = true;
    } catch (error) {
      engine.logger.error("stored webhook subscriptions could not be read", { error });
    }
    for (const [id, name] of this.#waiting) {
      if (engine.closing.aborted) return;
      if (!engine.registry.has(name)) continue;
      this.#waiting.delete(id);
      await this.#takeUpOne(id);
    }
  }

  async #takeUpOne(id: string): Promise<void> {
    const { webhooks } = this;
    try {
      await webhooks.inTurn(id, async () => (webhooks.has(id) ? undefined : this.claim(id, 0)));
    } catch (error) {
      const fields = { subscriptionId: id, error };
      webhooks.engine.logger.error("a stored webhook subscription was not taken up", fields);
    }
  }

  async #load(): Promise<void> {
    const { subscriptions } = this.webhooks.store;
    let after: string | undefined;
    for (;;) {
      const page = await subscriptions.page(after, PAGE);
      for (const stored of page) {
        if (!(await this.#isExpired(stored))) this.#waiting.set(stored.id, stored.name);
      }
      after = page.at(-1)?.id;
      if (page.length < PAGE) return;
    }
  }

  /** Forgets one that has expired. */
  async #isExpired({ id, expiresAt }: StoredSubscription): Promise<boolean> {
    const { engine, store } = this.webhooks;
    if (expiresAt === null || expiresAt > engine.clock.now() || this.webhooks.has(id)) return false;
    await store.subscriptions.delete(id);
    return true;
  }

  async #restore(stored: StoredSubscription, delayMs: number): Promise<WebhookSubscription> {
    const { webhooks } = this;
    const { engine, store } = webhooks;
    const { id, principal, name, arguments: args } = stored;
    const caller = { principal, authInfo: undefined };
    const params = { name, arguments: args };
    const subscription = await readSubscription(engine.registry, "restore", "webhook", caller, params);
    return holding(webhooks, subscription, {
      check: async () => {},
      make: async ({ group, release }) => {
        const token = await store.subscriptions.takeOver(id);
        const place = await store.subscriptions.place(id);
        const start = await startFrom(webhooks, subscription, place, group);
        return takeIn(webhooks, { stored, subscription, start, token, group, release }, delayMs);
      },
    });
  }
}

/** Where the owner before stood. What retention took since is found by the reader, which tells it. */
async function startFrom(
  { engine }: Webhooks,
  { type }: Subscription,
  place: SettledPlace | undefined,
  group: UpstreamGroup | undefined,
): Promise<DeliveryStart> {
  const log = engine.logOf(type.logName);
  await log.open();
  const cursor = place === undefined ? null : log.cursor({ ...place, seq: place.through });
  const { durable } = engine.options.store;
  const start = await findStart({ log, group, cursor, now: engine.clock.now(), durable });
  const goesOn = place !== undefined && start.epoch === place.epoch && !start.truncated;
  if (!goesOn) return { ...start, tellsGap: start.truncated || place === undefined };
  return { ...start, last: start.after === place.through ? place.last : undefined, givenUp: place.givenUp };
}
