import { type Awaitable, type Batch, Lanes, type SettledPlace } from "@mcp-events/ordering";
import { sleep } from "@mcp-events/protocol";
import { Feed } from "../subscriptions/feed";
import type { Start } from "../subscriptions/start";
import type { SubscriptionObserver } from "../subscriptions/subscription-observer";
import type { Posted } from "./bodies";
import type { DeliveryHost } from "./delivery";

/** Events taken from the view at once. */
const BATCH = 64;
/** Room for so many is waited for while posts are under way: reading one at a time costs more than the reading. */
const READ_FROM = 16;
const FIRST_PAUSE_MS = 250;
const MAX_PAUSE_MS = 30_000;

/** Where delivery of a webhook subscription begins. */
export interface DeliveryStart extends Start {
  /** Numbers after the start that an earlier owner gave up: their gap goes out in their place. */
  readonly givenUp?: readonly number[] | undefined;
  /** What lies before the start is gone, and the receiver is told before anything else. */
  readonly tellsGap?: boolean | undefined;
}

/** What a reader tells its delivery. */
export interface LaneReaderEvents {
  /** There may be something to post, or to read. */
  readonly onNews: () => void;
  /** The watermark moved because the view has nothing before it. */
  readonly onMoved: () => void;
}

/** Reads the view of one webhook subscription into its {@link Lanes}, as far ahead as they have room. */
export class LaneReader {
  readonly feed: Feed;
  #lanes: Lanes<Posted>;
  #epoch: number;
  #reading = false;
  #pausing = false;
  /** The wait for news that counts. */
  #watching: symbol | undefined;
  #waiting = 0;
  #failures = 0;
  #until: number | undefined;
  #untold: boolean;

  constructor(
    private readonly host: DeliveryHost,
    private readonly observed: SubscriptionObserver,
    private readonly events: LaneReaderEvents,
    private readonly stop: AbortSignal,
    start: DeliveryStart,
  ) {
    const { engine, subscription } = host;
    this.feed = new Feed(engine.logOf(subscription.type.logName), engine.views, subscription, start);
    this.#epoch = start.epoch;
    this.#lanes = this.#lanesFrom(start.after, start.last, start.givenUp);
    this.#untold = start.tellsGap === true;
    if (this.#untold) this.#pushPositionGap(start.after);
  }

  /** Another object when the log began anew. */
  get lanes(): Lanes<Posted> {
    return this.#lanes;
  }

  /** The log's epoch as it was read. */
  get epoch(): number {
    return this.#epoch;
  }

  /** How far everything is settled (HOOK-10). */
  get place(): SettledPlace {
    const { through, last } = this.#lanes;
    const upstream = this.feed.upstreamAt(through);
    return { epoch: this.#epoch, through, last, givenUp: this.#lanes.givenUp(), upstream };
  }

  /** Whether the receiver has still to be told that what lies before the start is gone. */
  get untold(): boolean {
    return this.#untold;
  }

  /** A gap without a place of its own was accepted, or let go. */
  gapTold(): void {
    this.#untold = false;
  }

  /** Whether the log, or an evaluation, has to answer first; not while it waits after a failure. */
  get isBusy(): boolean {
    return this.#reading;
  }

  /** Whether everything up to where {@link endAt} says was read. */
  get isAtEnd(): boolean {
    return this.#until !== undefined && this.feed.position >= this.#until;
  }

  /** Nothing is read after `through`. */
  endAt(through: number): void {
    this.#until = through;
  }

  /** Looks at the log again, although nothing was heard of it. */
  lookAgain(): void {
    this.#watching = undefined;
  }

  /** Until the returned function is called, evaluations under way are waited for. */
  waitForEvaluations(): () => void {
    this.#waiting += 1;
    return () => {
      this.#waiting -= 1;
    };
  }

  /** Reads on, as far as there is room and something to read. */
  read(): void {
    while (this.#mayRead()) {
      const taken = this.#take(Math.min(this.#lanes.room, BATCH));
      if (taken instanceof Promise) {
        this.#reading = true;
        void taken.then((batch) => this.#readLater(batch));
        return;
      }
      if (taken !== undefined) this.#push(taken);
    }
  }

  #mayRead(): boolean {
    if (this.#reading || this.#pausing || this.isAtEnd || this.#watching !== undefined) return false;
    const { room, flying } = this.#lanes;
    const enough = Math.min(READ_FROM, this.host.settings.readAhead);
    return !this.stop.aborted && (room >= enough || (room > 0 && flying === 0));
  }

  #readLater(batch: Batch | undefined): void {
    this.#reading = false;
    if (this.stop.aborted) return;
    if (batch !== undefined) this.#push(batch);
    this.events.onNews();
  }

  get #waits(): boolean {
    return this.#until !== undefined || this.#waiting > 0;
  }

  #take(limit: number): Awaitable<Batch | undefined> {
    try {
      const batch = this.#waits ? this.feed.take(limit) : this.feed.takeReady(limit);
      return batch instanceof Promise ? batch.catch((error: unknown) => this.#failed(error)) : batch;
    } catch (error) {
      return this.#failed(error);
    }
  }

  /** The log is read again after a pause. */
  #failed(error: unknown): undefined {
    if (this.stop.aborted) return;
    const { engine, subscription } = this.host;
    engine.logger.error("reading the log failed", { name: subscription.type.name, error });
    const ms = Math.min(FIRST_PAUSE_MS * 2 ** Math.min(this.#failures, 30), MAX_PAUSE_MS);
    this.#failures += 1;
    this.#pausing = true;
    void sleep(engine.clock, ms, this.stop).then(() => {
      this.#pausing = false;
      this.events.onNews();
    });
  }

  #push(batch: Batch): void {
    this.#failures = 0;
    if (batch.epoch !== this.#epoch) this.#beginEpoch(batch);
    if (batch.truncated !== undefined) this.#pushPositionGap(batch.truncated.to);
    for (const item of batch.items) this.#pushItem(item);
    const before = this.#lanes.through;
    this.#lanes.scanned(batch.through);
    if (this.#lanes.through > before) this.events.onMoved();
    if (!batch.more && !(batch.pending && this.#waits)) this.#watch();
  }

  #pushItem(item: NonNullable<Posted>): void {
    const { seq, kind, orderingKey } = item.entry;
    const isUpstreamGap = kind === "gap";
    const gap = item.kind === "gap";
    if (gap) this.observed.gap(this.#epoch, seq, isUpstreamGap ? "upstream" : "given_up");
    this.#lanes.push({ item, seq, prev: item.prev, key: orderingKey, gap, barrier: isUpstreamGap });
  }

  /** What lies before `to` is gone: told to all lanes, before anything later. */
  #pushPositionGap(to: number): void {
    this.observed.gap(this.#epoch, to, "truncated");
    this.#lanes.push({ item: undefined, seq: to, prev: this.#lanes.last, gap: true, barrier: true });
  }

  /** The log began anew: what was read of the one before is gone, and the batch says so by its gap (ORDERING rule 15). */
  #beginEpoch({ epoch, truncated }: Batch): void {
    this.#epoch = epoch;
    this.#lanes = this.#lanesFrom(truncated?.to ?? 0);
    if (this.#until !== undefined) this.#until = 0;
  }

  #lanesFrom(through: number, last?: number, givenUp?: readonly number[]): Lanes<Posted> {
    const { subscription, stored, settings } = this.host;
    const window = stored.resequence?.window ?? 0;
    const { guarantee } = subscription.type;
    return new Lanes({ guarantee, window, capacity: settings.readAhead, through, last, givenUp });
  }

  #watch(): void {
    const mine = Symbol();
    this.#watching = mine;
    void this.feed.changed(this.stop).then(() => {
      if (this.#watching !== mine) return;
      this.#watching = undefined;
      this.events.onNews();
    });
  }
}
