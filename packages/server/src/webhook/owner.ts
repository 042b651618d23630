import type { Webhooks } from "./webhooks";

/**
 * This server as an owner of subscriptions. On a store that others use too it says at intervals that it lives, and looks
 * for what owners that died left behind; when it could not say so in time, nothing is its own any more (ORDERING rule 12).
 */
export class Owner {
  /** Unlike that of any other server, or of this one before a restart. */
  readonly id = crypto.randomUUID();
  /** Until when others leave alone what this one has; in milliseconds since the epoch. */
  #until = 0;
  #beginning: Promise<void> | undefined;
  #cancel: (() => void) | undefined;
  #over = false;

  constructor(private readonly webhooks: Webhooks) {}

  /** To be awaited before anything is leased. */
  async begin(): Promise<void> {
    if (!this.webhooks.store.shared || this.#over) return;
    this.#beginning ??= this.#renew().then(() => this.#arm());
    try {
      await this.#beginning;
    } catch (error) {
      this.#beginning = undefined;
      throw error;
    }
  }

  /** Gives everything back; never rejects. */
  async retire(): Promise<void> {
    this.#over = true;
    this.#cancel?.();
    const { store, engine } = this.webhooks;
    try {
      if (this.#beginning !== undefined) await store.subscriptions.retire(this.id);
    } catch (error) {
      engine.logger.warn("the leases of webhook subscriptions were not given back", { error });
    }
  }

  get #ttlMs(): number {
    return this.webhooks.settings.ownerTtlMs;
  }

  #arm(): void {
    if (this.#over) return;
    this.#cancel = this.webhooks.engine.clock.after(this.#ttlMs / 3, () => void this.#beat());
  }

  async #beat(): Promise<void> {
    const { engine, restored } = this.webhooks;
    try {
      await this.#renew();
      await restored.takeUp();
    } catch (error) {
      engine.logger.error("the leases of webhook subscriptions were not renewed", { error });
      if (engine.clock.now() >= this.#until - this.#ttlMs / 3) this.webhooks.fencedAll();
    }
    this.#arm();
  }

  /** What was leased before a time that ran out belongs to nobody, or to others. */
  async #renew(): Promise<void> {
    const { engine, store } = this.webhooks;
    const asked = engine.clock.now();
    const isUnbroken = await store.subscriptions.renew(this.id, this.#ttlMs);
    const isLate = this.#until !== 0 && engine.clock.now() >= this.#until;
    this.#until = asked + this.#ttlMs;
    if (!isUnbroken || isLate) this.webhooks.fencedAll();
  }
}
