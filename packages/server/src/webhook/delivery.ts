import {
  type Awaitable,
  type Batch,
  Lanes,
  type Outgoing,
  type SettledPlace,
  type StoredSubscription,
} from "@mcp-events/ordering";
import type { DeliveryError, PostResult, WebhookSender, WebhookTarget } from "@mcp-events/protocol";
import type { Engine } from "../engine";
import { Feed } from "../subscriptions/feed";
import type { Start } from "../subscriptions/start";
import type { Subscription } from "../subscriptions/subscription";
import { SubscriptionObserver } from "../subscriptions/subscription-observer";
import { type Posted, WebhookBodies } from "./bodies";
import type { WebhookSettings } from "./options";
import { type Verdict, verdictOf } from "./verdict";

/** Events taken from the view at once. */
const BATCH = 64;
const FIRST_PAUSE_MS = 250;
const MAX_PAUSE_MS = 30_000;

/** What a delivery needs of the subscription it delivers to. */
export interface DeliveryHost {
  readonly engine: Engine;
  readonly settings: WebhookSettings;
  readonly sender: WebhookSender;
  readonly subscription: Subscription;
  readonly stored: StoredSubscription;
  /** Whom to post to, with the secrets that sign now. */
  target(): WebhookTarget;
  /** Whether posts may leave. */
  readonly active: boolean;
  /** The events are settled up to another place. */
  moved(place: SettledPlace): void;
  /** An attempt was accepted. */
  succeeded(): void;
  /** An attempt failed; delivery may be suspended by it. */
  failed(error: DeliveryError): void;
  /** Delivery is to stop until the next refresh. */
  suspend(): void;
  /** Writes the dead letter of an event; resolves when it is safe. */
  deadLetter(outgoing: Outgoing<Posted>, error: DeliveryError): Awaitable<void>;
}

/**
 * Posts the events of one webhook subscription: reads its view, lets {@link Lanes} say what may leave, and draws the
 * conclusions from each answer (ORDERING rules 10 to 14). It holds no event that it did not read ahead.
 */
export class WebhookDelivery {
  readonly feed: Feed;
  readonly bodies: WebhookBodies;
  readonly #stop = new AbortController();
  readonly #observed: SubscriptionObserver;
  readonly #givenUp: ReadonlySet<number>;
  #lanes: Lanes<Posted>;
  #epoch: number;
  #started = false;
  #pumping = false;
  #again = false;
  #reading = false;
  #watching = false;
  #flushes = 0;
  #writing = 0;
  #pauses = 0;
  #until: number | undefined;
  #timer: { readonly at: number; readonly cancel: () => void } | undefined;
  #idle: (() => void)[] = [];

  /** @param givenUp - Numbers that an earlier owner gave up: their gap goes out in their place. */
  constructor(
    private readonly host: DeliveryHost,
    start: Start,
    givenUp: readonly number[] = [],
  ) {
    const { engine, subscription, stored, settings } = host;
    this.feed = new Feed(engine.logOf(subscription.type.logName), engine.views, subscription, start);
    this.#epoch = start.epoch;
    this.#lanes = this.#lanesFrom(start.after, start.last);
    this.bodies = new WebhookBodies(stored.id, settings.webhookId, () => this.feed);
    this.#observed = new SubscriptionObserver(engine.observer, subscription);
    this.#givenUp = new Set(givenUp);
  }

  /** How far everything is settled (HOOK-10). */
  get place(): SettledPlace {
    const { through, last } = this.#lanes;
    const upstream = this.feed.upstreamAt(through);
    return { epoch: this.#epoch, through, last, givenUp: this.#lanes.givenUp(), upstream };
  }

  /** The cursor of the watermark. */
  get cursor(): string | null {
    return this.feed.cursor(this.#lanes.through);
  }

  /** Begins, or goes on after a suspension. */
  start(): void {
    if (this.#started) this.#lanes.hasten();
    this.#started = true;
    this.pump();
  }

  /** Nothing more is read after `through`; resolves when everything up to it is settled, or delivery was stopped. */
  async drain(through: number): Promise<void> {
    this.#until = through;
    this.#started = true;
    this.pump();
    while (!this.#stop.signal.aborted && !this.#isDrained()) {
      await this.flush();
      if (!this.#isDrained()) await this.#settledMore();
    }
  }

  /** Resolves when everything that is due has been tried; what has to wait for its time is not waited for. */
  async flush(): Promise<void> {
    this.#started = true;
    this.#flushes += 1;
    this.#watching = false;
    this.pump();
    if (!this.#isIdle()) await new Promise<void>((resolve) => this.#idle.push(resolve));
    this.#flushes -= 1;
  }

  /** Stops for good; what is under way is cut off. */
  stop(): void {
    if (this.#stop.signal.aborted) return;
    this.#stop.abort();
    this.#timer?.cancel();
    this.feed.release();
    this.#tellIdle(true);
  }

  /** Reads on and posts what may leave. */
  pump(): void {
    if (!this.#started || this.#stop.signal.aborted) return;
    this.#again = true;
    if (this.#pumping) return;
    this.#pumping = true;
    while (this.#again && !this.#stop.signal.aborted) {
      this.#again = false;
      if (this.host.active) this.#step();
    }
    this.#pumping = false;
    this.#tellIdle(false);
  }

  #step(): void {
    this.#read();
    const now = this.host.engine.clock.now();
    for (let next = this.#lanes.next(now); next !== undefined; next = this.#lanes.next(now)) {
      void this.#attempt(next);
    }
    this.#arm();
  }

  // ------------------------------------------------------------------ reading

  #read(): void {
    while (!this.#reading && this.#lanes.room > 0 && !this.#isRead()) {
      const taken = this.#take(Math.min(this.#lanes.room, BATCH));
      if (taken instanceof Promise) {
        this.#reading = true;
        void taken.then((batch) => this.#readLater(batch));
        return;
      }
      if (taken === undefined || !this.#push(taken)) return;
    }
  }

  #readLater(batch: Batch | undefined): void {
    this.#reading = false;
    if (this.#stop.signal.aborted) return;
    if (batch !== undefined) this.#push(batch);
    this.pump();
  }

  #take(limit: number): Awaitable<Batch | undefined> {
    try {
      // Who drains or flushes waits for what is being evaluated.
      const waits = this.#until !== undefined || this.#flushes > 0;
      const batch = waits ? this.feed.take(limit) : this.feed.takeReady(limit);
      return batch instanceof Promise ? batch.catch((error: unknown) => this.#readFailed(error)) : batch;
    } catch (error) {
      return this.#readFailed(error);
    }
  }

  /** The log is read again after a pause. */
  #readFailed(error: unknown): undefined {
    if (this.#stop.signal.aborted) return;
    this.host.engine.logger.error("reading the log failed", {
      name: this.host.subscription.type.name,
      error,
    });
    const ms = Math.min(FIRST_PAUSE_MS * 2 ** Math.min(this.#pauses, 30), MAX_PAUSE_MS);
    this.#pauses += 1;
    this.#reading = true;
    this.host.engine.clock.after(ms, () => this.#readLater(undefined));
  }

  /** Puts a batch into the lanes; whether taking again at once says more. */
  #push(batch: Batch): boolean {
    this.#pauses = 0;
    if (batch.epoch !== this.#epoch) this.#beginEpoch(batch);
    if (batch.truncated !== undefined) {
      const { to } = batch.truncated;
      this.#lanes.push({ item: undefined, seq: to, prev: this.#lanes.last, gap: true, barrier: true });
    }
    for (const item of batch.items) {
      const { seq, kind, orderingKey } = item.entry;
      this.#lanes.push({
        item,
        seq,
        prev: item.prev,
        keyPrev: item.keyPrev,
        key: orderingKey,
        gap: item.kind === "gap" || this.#givenUp.has(seq),
        barrier: kind === "gap",
      });
    }
    const before = this.#lanes.through;
    this.#lanes.scanned(batch.through);
    if (this.#lanes.through > before) this.#moved();
    if (!batch.more) this.#watch();
    return batch.more;
  }

  /** The log began anew: what was read of the one before is gone, and the batch says so by its gap (ORDERING rule 15). */
  #beginEpoch({ epoch, truncated }: Batch): void {
    this.#epoch = epoch;
    this.#lanes = this.#lanesFrom(truncated?.to ?? 0);
  }

  #lanesFrom(through: number, last?: number): Lanes<Posted> {
    const { subscription, stored, settings } = this.host;
    const window = stored.resequence?.window ?? 0;
    const { guarantee } = subscription.type;
    return new Lanes({ guarantee, window, capacity: settings.readAhead, through, last });
  }

  #watch(): void {
    if (this.#watching) return;
    this.#watching = true;
    void this.feed.changed(this.#stop.signal).then(() => {
      this.#watching = false;
      this.pump();
    });
  }

  #isRead(): boolean {
    if (this.#until !== undefined) return this.feed.position >= this.#until;
    return this.#watching;
  }

  // ------------------------------------------------------------------ posting

  async #attempt(outgoing: Outgoing<Posted>): Promise<void> {
    const lanes = this.#lanes;
    if (outgoing.item?.kind === "event") this.#observed.send([outgoing.item], this.#epoch);
    const make = () => this.bodies.of(outgoing, lanes, lanes.isLowest(outgoing));
    const result = await this.host.sender.post(this.host.target(), make, this.#stop.signal);
    if (this.#stop.signal.aborted || result.kind === "cancelled") return;
    const landed = lanes === this.#lanes ? this.#landed(outgoing, result) : undefined;
    if (landed !== undefined) await landed;
    this.pump();
  }

  #landed(outgoing: Outgoing<Posted>, result: Exclude<PostResult, { kind: "cancelled" }>): Awaitable<void> {
    const { settings, engine } = this.host;
    const verdict = verdictOf(result, outgoing, settings, engine.clock.now(), engine.options.random);
    if (verdict.kind === "accepted") {
      this.host.succeeded();
      this.#settle(outgoing);
    } else if (verdict.kind === "retry") {
      this.#lanes.retry(outgoing, verdict.at, verdict.counts);
      if (verdict.error !== undefined) this.#retries(outgoing, verdict.error);
    } else return this.#exhausted(outgoing, verdict);
  }

  #retries(outgoing: Outgoing<Posted>, error: DeliveryError): void {
    this.#observed.retry(this.#epoch, outgoing.seq, outgoing.attempts, error);
    this.host.failed(error);
  }

  #exhausted(outgoing: Outgoing<Posted>, verdict: Verdict & { kind: "exhausted" }): Awaitable<void> {
    const { error, refused } = verdict;
    const { settings, stored, engine } = this.host;
    const resequences = stored.resequence !== undefined;
    if (!refused) this.host.failed(error);
    if (outgoing.gap && !resequences) {
      engine.logger.warn("a gap was not accepted and is let go", { subscriptionId: stored.id, error });
      return this.#settle(outgoing);
    }
    if (outgoing.gap || (!refused && settings.onExhausted === "suspend")) {
      this.#lanes.retry(outgoing, engine.clock.now(), true);
      return this.host.suspend();
    }
    return this.#giveUp(outgoing, error);
  }

  /** First the record, then the gap (ORDERING rule 14). */
  async #giveUp(outgoing: Outgoing<Posted>, error: DeliveryError): Promise<void> {
    this.#writing += 1;
    try {
      await this.host.deadLetter(outgoing, error);
      this.#lanes.giveUp(outgoing);
      this.#observed.gap(this.#epoch, outgoing.seq, "given_up");
      this.#moved();
    } catch (cause) {
      const { engine } = this.host;
      engine.logger.error("a dead letter was not written; the event is tried again", { error: cause });
      this.#lanes.retry(outgoing, engine.clock.now() + MAX_PAUSE_MS, false);
    } finally {
      this.#writing -= 1;
    }
  }

  #settle(outgoing: Outgoing<Posted>): void {
    const passed = this.#lanes.settle(outgoing);
    for (const { item } of passed) if (item !== undefined) this.feed.passed(item);
    if (passed.length > 0) this.#moved();
  }

  #moved(): void {
    const { place } = this;
    this.#observed.acknowledge(place.epoch, place.through);
    this.host.moved(place);
  }

  // ------------------------------------------------------------------ waiting

  /** One timer, for the earliest retry. */
  #arm(): void {
    const at = this.#lanes.dueAt();
    if (at === this.#timer?.at) return;
    this.#timer?.cancel();
    this.#timer = undefined;
    if (at === undefined) return;
    const { clock } = this.host.engine;
    const cancel = clock.after(Math.max(0, at - clock.now()), () => {
      this.#timer = undefined;
      this.pump();
    });
    this.#timer = { at, cancel };
  }

  #isIdle(): boolean {
    if (this.#stop.signal.aborted || !this.host.active) return true;
    return this.#lanes.flying === 0 && this.#writing === 0 && !this.#reading;
  }

  #isDrained(): boolean {
    return this.#lanes.open === 0 && this.feed.position >= (this.#until ?? 0);
  }

  /** Resolves when a retry came due, or delivery was stopped. */
  #settledMore(): Promise<void> {
    return new Promise((resolve) => {
      const { clock } = this.host.engine;
      const wait = Math.max(1, (this.#lanes.dueAt() ?? clock.now() + FIRST_PAUSE_MS) - clock.now());
      const done = () => {
        cancel();
        this.#stop.signal.removeEventListener("abort", done);
        resolve();
      };
      const cancel = clock.after(wait, done);
      this.#stop.signal.addEventListener("abort", done, { once: true });
    });
  }

  #tellIdle(always: boolean): void {
    if (!always && !this.#isIdle()) return;
    for (const resolve of this.#idle.splice(0)) resolve();
  }
}
