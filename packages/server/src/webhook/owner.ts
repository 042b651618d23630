import type { Webhooks } from "./webhooks";

/** So much of its time before that ends an owner that could not renew it stops: the sixth part. */
const STOPS_BEFORE = 6;

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
  #renewing: Promise<void> | undefined;
  #cancelBeat: (() => void) | undefined;
  #cancelEnd: (() => void) | undefined;
  #looking = false;
  #term = 0;
  #over = false;

  constructor(private readonly webhooks: Webhooks) {}

  /** Another number each time that what was leased until then is nobody's any more. */
  get term(): number {
    return this.#term;
  }

  /** To be awaited before anything is leased. */
  async begin(): Promise<void> {
    if (!this.webhooks.store.shared || this.#over) return;
    this.#beginning ??= this.#renew().then(() => this.#arm());
    try {
      await this.#beginning;
      if (this.webhooks.engine.clock.now() >= this.#until) await this.#renew();
    } catch (error) {
      this.#beginning = undefined;
      throw error;
    }
  }

  /** Gives everything back; never rejects. */
  async retire(): Promise<void> {
    this.#over = true;
    this.#cancelBeat?.();
    this.#cancelEnd?.();
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
    this.#cancelBeat = this.webhooks.engine.clock.after(this.#ttlMs / 3, () => void this.#beat());
  }

  async #beat(): Promise<void> {
    // The next one waits for nothing: neither for a store that does not answer, nor for what is taken up.
    this.#arm();
    try {
      await this.#renew();
      void this.#lookAround();
    } catch (error) {
      this.webhooks.engine.logger.error("the leases of webhook subscriptions were not renewed", { error });
    }
  }

  async #lookAround(): Promise<void> {
    if (this.#looking) return;
    this.#looking = true;
    await this.webhooks.restored.takeUp();
    this.#looking = false;
  }

  #renew(): Promise<void> {
    this.#renewing ??= this.#ask().finally(() => {
      this.#renewing = undefined;
    });
    return this.#renewing;
  }

  /** What was leased before a time that ran out belongs to nobody, or to others. */
  async #ask(): Promise<void> {
    const { engine, store } = this.webhooks;
    const asked = engine.clock.now();
    const isUnbroken = await store.subscriptions.renew(this.id, this.#ttlMs);
    const isLate = this.#until !== 0 && engine.clock.now() >= this.#until;
    this.#until = asked + this.#ttlMs;
    if (!isUnbroken || isLate) this.#lose();
    this.#armEnd();
  }

  /** Stops before others may take over, also while the store gives no answer at all. */
  #armEnd(): void {
    if (this.#over) return;
    const { clock } = this.webhooks.engine;
    this.#cancelEnd?.();
    const leftMs = this.#until - this.#ttlMs / STOPS_BEFORE - clock.now();
    this.#cancelEnd = clock.after(Math.max(0, leftMs), () => this.#lose());
  }

  #lose(): void {
    this.#term += 1;
    this.webhooks.fencedAll();
  }
}
