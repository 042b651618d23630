import type { Outgoing, SettledPlace, StoredHealth, StoredSubscription } from "@mcp-events/ordering";
import {
  type DeliveryError,
  type DeliveryStatus,
  type WebhookSender,
  type WebhookTarget,
  WireError,
} from "@mcp-events/protocol";
import type { Engine } from "../engine";
import { endIfFinished } from "../subscriptions/finished";
import type { Ending, LivingSubscription } from "../subscriptions/living";
import type { Subscription } from "../subscriptions/subscription";
import { SubscriptionObserver } from "../subscriptions/subscription-observer";
import type { UpstreamGroup } from "../upstream/upstream-group";
import type { Posted } from "./bodies";
import { deadLetterOf } from "./dead-letters";
import { type DeadLetterError, type DeliveryHost, WebhookDelivery } from "./delivery";
import { secretsAt } from "./grant";
import { DeliveryHealth } from "./health";
import type { DeliveryStart } from "./lane-reader";
import type { WebhookSettings } from "./options";
import { PlaceSaver } from "./place-saver";
import { postTerminated } from "./terminated";
import type { Webhooks } from "./webhooks";

/** What a webhook subscription is made of. */
export interface WebhookSubscriptionParts {
  readonly stored: StoredSubscription;
  readonly subscription: Subscription;
  readonly start: DeliveryStart;
  /** The owner's token (ORDERING rule 12). */
  readonly token: number;
  /** The owner's term when it was leased. */
  readonly term: number;
  /** How deliveries fared with the owner before. */
  readonly health?: StoredHealth | undefined;
  /** Check-backed types: the upstream, which is asked for as long as the subscription lives. */
  readonly group?: UpstreamGroup | undefined;
  /** Gives back what the subscription holds: its place within the limits, its upstream. */
  readonly release: () => void;
}

/** One webhook subscription while this process owns it. */
export class WebhookSubscription implements DeliveryHost, LivingSubscription {
  readonly engine: Engine;
  readonly settings: WebhookSettings;
  readonly sender: WebhookSender;
  subscription: Subscription;
  stored: StoredSubscription;
  readonly #health: DeliveryHealth;
  readonly #token: number;
  readonly #saver: PlaceSaver;
  readonly #over = new AbortController();
  readonly #group: UpstreamGroup | undefined;
  readonly #release: () => void;
  #delivery: WebhookDelivery;
  #active = true;
  #ending: Ending | undefined;
  #cancelStart: (() => void) | undefined;
  #unwatch: (() => void) | undefined;
  /** Told when delivery begins, or never will. */
  readonly #begun: (() => void)[] = [];
  #target: { readonly value: WebhookTarget; readonly until: number } | undefined;

  constructor(
    private readonly webhooks: Webhooks,
    parts: WebhookSubscriptionParts,
  ) {
    this.engine = webhooks.engine;
    this.settings = webhooks.settings;
    this.sender = webhooks.sender;
    this.subscription = parts.subscription;
    this.stored = parts.stored;
    this.#group = parts.group;
    this.#release = parts.release;
    this.#health = new DeliveryHealth(this.settings, parts.health);
    this.#active = parts.health?.suspended !== true;
    this.#token = parts.token;
    const { id } = parts.stored;
    this.#saver = new PlaceSaver(
      webhooks.store.subscriptions,
      id,
      parts.token,
      () => webhooks.fenced(this),
      (error) => this.engine.logger.error("the place was not stored", { subscriptionId: id, error }),
    );
    this.#delivery = new WebhookDelivery(this, parts.start);
  }

  get id(): string {
    return this.stored.id;
  }

  /** What has to hold for its record to be written or forgotten by this owner (ORDERING rule 12). */
  get guard(): { readonly token: number; readonly revision: number | undefined } {
    return { token: this.#token, revision: this.stored.revision };
  }

  /** Aborts when nothing of it runs any more. */
  get gone(): AbortSignal {
    return this.#over.signal;
  }

  /** Whether its start was waited for: before it the receiver may not know it yet. */
  get begun(): boolean {
    return this.#cancelStart === undefined;
  }

  get active(): boolean {
    return this.#active;
  }

  get place(): SettledPlace {
    return this.#delivery.place;
  }

  /** The settled cursor: never ahead of what is not acknowledged (HOOK-10). */
  get cursor(): string | null {
    return this.#delivery.cursor;
  }

  /** Whether what lies before {@link cursor} is gone, and the receiver was not told yet. */
  get truncated(): boolean {
    return this.#delivery.untold;
  }

  /** `_meta` of a result that carries the settled position. */
  get positionMeta() {
    return this.#delivery.feed.positionMeta(this.#delivery.place.through);
  }

  get status(): DeliveryStatus {
    return this.#health.status(this.#active, this.sender.throttledMs(this.stored.url));
  }

  isExpired(now: number): boolean {
    return this.stored.expiresAt !== null && this.stored.expiresAt <= now;
  }

  /** When nobody is taken to wait for it any more, in milliseconds since the epoch (HOOK-6); `null`: that is not so. */
  get abandonedAt(): number | null {
    const { failedSince } = this.#health;
    if (failedSince === undefined) return null;
    const at = failedSince + this.settings.abandonAfterMs;
    const { expiresAt } = this.stored;
    const isLong = expiresAt === null || expiresAt > at + this.settings.abandonAfterMs;
    return isLong ? at : null;
  }

  target(): WebhookTarget {
    const now = this.engine.clock.now();
    if (this.#target === undefined || this.#target.until <= now) this.#target = this.#makeTarget(now);
    return this.#target.value;
  }

  // ------------------------------------------------------------------ life

  /** Learns what a cursor has to say, before the first one is made. */
  prepare(): Promise<void> {
    return this.#delivery.catchUp();
  }

  /** Delivery begins after `delayMs`; at 0 now. */
  start(delayMs: number): void {
    this.#unwatch = this.#group?.watch(() => {});
    if (delayMs === 0) this.#begin();
    else this.#cancelStart = this.engine.clock.after(delayMs, () => this.#begin());
  }

  /** Takes what a refresh changed, and resumes suspended delivery (HOOK-4). */
  async refresh(subscription: Subscription, stored: StoredSubscription): Promise<void> {
    const before = this.stored.resequence;
    this.subscription = subscription;
    this.stored = stored;
    this.#target = undefined;
    this.#group?.askFor(subscription);
    if (before?.window !== stored.resequence?.window) this.#deliverAnew();
    this.resume();
    await this.#delivery.catchUp();
  }

  /** Stops delivery until {@link resume}; what is under way may still arrive. */
  suspend(): void {
    if (!this.#active) return;
    this.#active = false;
    this.#save();
    this.engine.logger.warn("webhook delivery is suspended", { subscriptionId: this.id });
    this.#delivery.pump();
  }

  /** Lets delivery go on; one that is not suspended keeps its attempts and its waits. */
  resume(): void {
    if (this.#active) return;
    this.#active = true;
    this.#save();
    this.#delivery.resume();
  }

  /** Resolves when everything that is due has been tried; one that has not begun is waited for. */
  async flush(): Promise<void> {
    if (this.#cancelStart !== undefined) await new Promise<void>((resolve) => this.#begun.push(resolve));
    await this.#delivery.flush();
  }

  /** Ends it with a `terminated` envelope; what forbids anything more to go out comes before what lets it drain. */
  end(ending: Ending): void {
    if (this.#ending === undefined) this.webhooks.ending(this, ending);
    else if (ending.through === undefined) this.#delivery.stop();
  }

  /**
   * Delivers what may still go out, and says that it was the end (LIST-4, AUTH-2).
   *
   * @returns false when it was cut off before that.
   */
  async finish(ending: Ending): Promise<boolean> {
    this.#ending = ending;
    this.#waitNoLonger();
    if (ending.through !== undefined && this.#active) await this.#delivery.drain(ending.through);
    this.#delivery.stop();
    const error = ending.error ?? new WireError("InternalError", "The subscription ended");
    const wire = error.toWire(this.engine.options.profile);
    const { bodies, place } = this.#delivery;
    if (!this.gone.aborted) await postTerminated(this, bodies.terminated(wire, place.through), this.gone);
    return !this.gone.aborted;
  }

  /** Stops everything at once, and gives back what it holds; resolves when its place is stored. */
  stop(): Promise<void> {
    this.#delivery.stop();
    this.#over.abort();
    this.#waitNoLonger();
    this.#unwatch?.();
    this.#release();
    return this.#saver.idle();
  }

  /** Whether it was ended, and its receiver is told, or was. */
  get ended(): boolean {
    return this.#ending !== undefined;
  }

  /** @throws WireError why it ended, when it did. */
  requireAlive(): void {
    if (this.#ending === undefined && !this.gone.aborted) return;
    throw this.#ending?.error ?? new WireError("InternalError", "The subscription ended just now; try again");
  }

  #begin(): void {
    this.#waitNoLonger();
    this.#delivery.start();
    void endIfFinished(this.engine, this).catch((error: unknown) => {
      this.engine.logger.error("a finished subscription was not ended", { subscriptionId: this.id, error });
    });
  }

  #waitNoLonger(): void {
    this.#cancelStart?.();
    this.#cancelStart = undefined;
    for (const resolve of this.#begun.splice(0)) resolve();
  }

  // ------------------------------------------------------------------ for its delivery

  moved(place: SettledPlace): void {
    this.#saver.save({ ...place, health: this.#health.stored(!this.#active) });
  }

  succeeded(): void {
    this.#health.succeeded(this.engine.clock.now());
  }

  failed(error: DeliveryError): void {
    const isFirst = this.#health.failedSince === undefined;
    const suspends = this.#health.failed(this.engine.clock.now(), error);
    if (suspends && this.#active) this.suspend();
    else if (isFirst) this.#save();
    if (isFirst) this.webhooks.expires(this);
  }

  /** The place, although it did not move: how deliveries fare changed. */
  #save(): void {
    if (!this.gone.aborted) this.moved(this.place);
  }

  async deadLetter(outgoing: Outgoing<Posted>, lastError: DeadLetterError): Promise<void> {
    const { epoch } = this.place;
    const letter = deadLetterOf(this, outgoing, lastError, this.engine.clock.now(), epoch);
    if (letter === undefined) return;
    await this.webhooks.store.deadLetters.add(letter);
    const observed = new SubscriptionObserver(this.engine.observer, this.subscription);
    observed.deadLetter(letter.epoch, outgoing.item!.entry, letter.id);
  }

  /** What the receiver offers changed: what is not settled is posted again in the new way. */
  #deliverAnew(): void {
    if (this.gone.aborted || this.#ending !== undefined) return;
    const before = this.#delivery;
    const { through, ...place } = before.place;
    const { continues } = before.feed;
    const tellsGap = before.untold;
    before.stop();
    const start = { ...place, after: through, truncated: false, continues, tellsGap };
    this.#delivery = new WebhookDelivery(this, start);
    if (this.#cancelStart === undefined) this.#delivery.start();
  }

  #makeTarget(now: number): { value: WebhookTarget; until: number } {
    const { id, url, principal, secrets } = this.stored;
    const ends = secrets.map(({ until }) => until ?? Number.POSITIVE_INFINITY).filter((until) => until > now);
    const value = { url, principal, subscriptionId: id, secrets: secretsAt(secrets, now) };
    return { value, until: Math.min(...ends) };
  }
}
