import type { Lease, SettledPlace, StoredSubscription } from "@mcp-events/ordering";
import { sleep } from "@mcp-events/protocol";
import { findStart } from "../subscriptions/start";
import { readSubscription, type Subscription } from "../subscriptions/subscription";
import type { UpstreamGroup } from "../upstream/upstream-group";
import { holding } from "./holding";
import type { DeliveryStart } from "./lane-reader";
import { takeIn } from "./take-in";
import type { WebhookSubscription } from "./webhook-subscription";
import type { Webhooks } from "./webhooks";

const PAGE = 256;
/** Wait before a store is asked again that could not be read, in milliseconds. */
const UNREAD_MS = 5_000;

/** That a subscription of the key is there, and another server's. */
export const ELSEWHERE = Symbol("elsewhere");

/**
 * Takes up the subscriptions that nobody owns: those that an earlier process left in a store, and on a shared one those
 * of servers that are gone. Each once its event type is registered. They were verified then, and are authorized anew in
 * their turn.
 */
export class RestoredSubscriptions {
  /** Names of their event types, by id. */
  readonly #waiting = new Map<string, string>();
  /** Those that could not be taken up since the store was read last: not tried again before it is. */
  readonly #refused = new Set<string>();
  #loaded = false;
  #isTryingAgain = false;
  #taking: Promise<void> = Promise.resolve();

  constructor(private readonly webhooks: Webhooks) {}

  /** Takes up what waits for the event types that are registered now; never rejects, failures are logged. */
  takeUp(): Promise<void> {
    this.#taking = this.#taking.then(() => this.#takeUp());
    return this.#taking;
  }

  /**
   * One that the store has, which belongs to this process from now on; {@link ELSEWHERE} when it is another's, `undefined`
   * when there is none. To be called in the turn of its key.
   *
   * @param delayMs - When its delivery begins.
   * @throws WireError when it cannot be taken up.
   */
  async claim(id: string, delayMs: number): Promise<WebhookSubscription | typeof ELSEWHERE | undefined> {
    const { webhooks } = this;
    const { engine, store, owner } = webhooks;
    const stored = await store.subscriptions.get(id);
    if (stored === undefined || !engine.registry.has(stored.name)) return undefined;
    this.#waiting.delete(id);
    if (await this.#isExpired(stored)) return undefined;
    await owner.begin();
    const { term } = owner;
    const lease = await this.#lease(stored);
    if (lease === undefined) return ELSEWHERE;
    try {
      return await this.#restore(lease, term, delayMs);
    } catch (error) {
      this.#refused.add(id);
      await this.#release(stored, lease.token);
      throw error;
    }
  }

  /** One that this server stopped, and could not give back: nobody else takes it up while this server lives. */
  takeUpLater({ id, name }: StoredSubscription): void {
    this.#waiting.set(id, name);
  }

  async #release(stored: StoredSubscription, token: number): Promise<void> {
    const { engine, store } = this.webhooks;
    try {
      await store.subscriptions.release(stored.id, token);
    } catch (error) {
      this.takeUpLater(stored);
      engine.logger.warn("a webhook subscription was not given back", { subscriptionId: stored.id, error });
    }
  }

  /** A lease of it; when nobody knows whether it was given, it is asked for again, since nobody else will be told of it. */
  async #lease(stored: StoredSubscription): Promise<Lease | undefined> {
    const { store, owner } = this.webhooks;
    try {
      return await store.subscriptions.lease(stored.id, owner.id, { takeOver: !store.shared });
    } catch (error) {
      this.takeUpLater(stored);
      throw error;
    }
  }

  /** Takes one up that may have become nobody's; to be called in the turn of its key. */
  async consider(id: string): Promise<void> {
    if (this.#refused.has(id) || this.webhooks.has(id)) return;
    await this.claim(id, 0);
  }

  async #takeUp(): Promise<void> {
    const { engine, owner, store } = this.webhooks;
    if (engine.closing.aborted) return;
    try {
      await owner.begin();
      if (!this.#loaded || store.shared) await this.#load();
      this.#loaded = true;
    } catch (error) {
      engine.logger.error("stored webhook subscriptions could not be read", { error });
      this.#tryAgain();
    }
    for (const [id, name] of [...this.#waiting]) {
      if (engine.closing.aborted) return;
      if (!engine.registry.has(name)) continue;
      this.#waiting.delete(id);
      await this.#takeUpOne(id, name);
    }
  }

  /** What could not even be read is asked for until it answers: no client may come before its subscription ends. */
  #tryAgain(): void {
    const { engine } = this.webhooks;
    if (this.#isTryingAgain) return;
    this.#isTryingAgain = true;
    void sleep(engine.clock, UNREAD_MS, engine.closing).then(() => {
      this.#isTryingAgain = false;
      return this.takeUp();
    });
  }

  async #takeUpOne(id: string, name: string): Promise<void> {
    const { webhooks } = this;
    try {
      await webhooks.inTurn(id, async () => (webhooks.has(id) ? undefined : this.claim(id, 0)));
    } catch (error) {
      // Who never came as far as to take it up tries again.
      if (!this.#refused.has(id)) this.#waiting.set(id, name);
      const fields = { subscriptionId: id, error };
      webhooks.engine.logger.error("a stored webhook subscription was not taken up", fields);
    }
  }

  async #load(): Promise<void> {
    const { subscriptions, shared } = this.webhooks.store;
    this.#refused.clear();
    let after: string | undefined;
    for (;;) {
      const page = await subscriptions.page(after, PAGE, { unowned: shared });
      for (const stored of page) {
        if (!(await this.#isExpired(stored))) this.#waiting.set(stored.id, stored.name);
      }
      after = page.at(-1)?.id;
      if (page.length < PAGE) return;
    }
  }

  /** Forgets one that has expired, unless it was refreshed meanwhile. */
  async #isExpired({ id, expiresAt, revision }: StoredSubscription): Promise<boolean> {
    const { engine, store } = this.webhooks;
    if (expiresAt === null || expiresAt > engine.clock.now() || this.webhooks.has(id)) return false;
    await store.subscriptions.delete(id, { revision });
    return true;
  }

  async #restore(lease: Lease, term: number, delayMs: number): Promise<WebhookSubscription> {
    const { subscription: stored, token } = lease;
    const { webhooks } = this;
    const { engine, store } = webhooks;
    const { id, principal, name, arguments: args } = stored;
    const caller = { principal, authInfo: undefined };
    const params = { name, arguments: args };
    const subscription = await readSubscription(engine.registry, "restore", "webhook", caller, params);
    return holding(webhooks, subscription, {
      check: async () => {},
      make: async ({ group, release }) => {
        const place = await store.subscriptions.place(id);
        const start = await startFrom(webhooks, subscription, place, group);
        const parts = { stored, subscription, start, token, term, group, release };
        return takeIn(webhooks, { ...parts, health: place?.health }, delayMs);
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
