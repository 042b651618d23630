import { setMaxListeners } from "node:events";
import type { Awaitable, Outgoing, SettledPlace, StoredSubscription } from "@mcp-events/ordering";
import type { DeliveryError, PostResult, WebhookSender, WebhookTarget } from "@mcp-events/protocol";
import type { Engine } from "../engine";
import type { Feed } from "../subscriptions/feed";
import type { Subscription } from "../subscriptions/subscription";
import { SubscriptionObserver } from "../subscriptions/subscription-observer";
import { type Posted, WebhookBodies } from "./bodies";
import { type DeliveryStart, LaneReader } from "./lane-reader";
import type { WebhookSettings } from "./options";
import { type Verdict, verdictOf } from "./verdict";

/** Wait before an event is posted again whose dead letter could not be written, in milliseconds. */
const UNWRITTEN_MS = 30_000;

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
  deadLetter(outgoing: Outgoing<Posted>, error: DeadLetterError): Awaitable<void>;
}

/** Why an event was given up: its last attempt failed so, or `match` or `transform` failed for good (ORDERING rule 5). */
export type DeadLetterError = DeliveryError | "evaluation_failed";

/** Whether it stands for an event of which nobody knows whether it belongs to the view, and was not tried yet. */
function isUnevaluated({ gap, item, attempts }: Outgoing<Posted>): boolean {
  return gap && attempts === 0 && item?.kind === "gap" && item.entry.kind === "event";
}

/**
 * Posts the events of one webhook subscription: a {@link LaneReader} reads them, lanes say what may leave, and this draws
 * the conclusions from each answer (ORDERING rules 10 to 14).
 */
export class WebhookDelivery {
  readonly bodies: WebhookBodies;
  readonly #stop = new AbortController();
  readonly #observed: SubscriptionObserver;
  readonly #reader: LaneReader;
  #started = false;
  #pumping = false;
  #again = false;
  #writing = 0;
  #timer: { readonly at: number; readonly cancel: () => void } | undefined;
  #waiting: { readonly until: () => boolean; readonly resolve: () => void }[] = [];

  constructor(
    private readonly host: DeliveryHost,
    start: DeliveryStart,
  ) {
    const { engine, subscription, stored, settings } = host;
    // Every attempt under way listens.
    setMaxListeners(0, this.#stop.signal);
    this.#observed = new SubscriptionObserver(engine.observer, subscription);
    const events = { onNews: () => this.pump(), onMoved: () => this.#moved() };
    this.#reader = new LaneReader(host, this.#observed, events, this.#stop.signal, start);
    this.bodies = new WebhookBodies(stored.id, settings.webhookId, engine.options.random, this.feed);
  }

  get feed(): Feed {
    return this.#reader.feed;
  }

  /** How far everything is settled (HOOK-10). */
  get place(): SettledPlace {
    return this.#reader.place;
  }

  /** Whether the receiver has still to be told that what lies before the place is gone. */
  get untold(): boolean {
    return this.#reader.untold;
  }

  /** The cursor of the watermark. */
  get cursor(): string | null {
    return this.feed.cursor(this.#reader.lanes.through);
  }

  /** Begins. */
  start(): void {
    this.#started = true;
    this.pump();
  }

  /** Goes on after a suspension: nothing waits for its time, and all attempts are there again. */
  resume(): void {
    this.#reader.lanes.hasten();
    this.pump();
  }

  /** Moves the place past what the view does not have: who asks for it in quiet times gets a young one (CUR-4). */
  async catchUp(): Promise<void> {
    await this.feed.refresh();
    if (!this.#started) return;
    this.#reader.lookAgain();
    this.pump();
    await this.#until(() => !this.#reader.isBusy);
  }

  /**
   * Nothing more is read after `through`; resolves when everything up to it is settled, or delivery was stopped or
   * suspended.
   */
  drain(through: number): Promise<void> {
    this.#reader.endAt(through);
    this.start();
    return this.#until(() => this.#reader.lanes.open === 0 && this.#reader.isAtEnd);
  }

  /** Resolves when everything that is due has been tried; what has to wait for its time is not waited for. */
  async flush(): Promise<void> {
    const waited = this.#reader.waitForEvaluations();
    this.#reader.lookAgain();
    this.start();
    await this.#until(() => this.#reader.lanes.flying === 0 && this.#writing === 0 && !this.#reader.isBusy);
    waited();
  }

  /** Stops for good; what is under way is cut off. */
  stop(): void {
    if (this.#stop.signal.aborted) return;
    this.#stop.abort();
    this.#timer?.cancel();
    this.feed.release();
    this.#tell();
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
    this.#tell();
  }

  #step(): void {
    this.#reader.read();
    const now = this.host.engine.clock.now();
    const { lanes } = this.#reader;
    for (let next = lanes.next(now); next !== undefined; next = lanes.next(now)) void this.#attempt(next);
    this.#arm();
  }

  // ------------------------------------------------------------------ posting

  async #attempt(outgoing: Outgoing<Posted>): Promise<void> {
    const { lanes } = this.#reader;
    if (isUnevaluated(outgoing) && !(await this.#recorded(outgoing, "evaluation_failed"))) return this.pump();
    if (!outgoing.gap) this.#observed.send([outgoing.item!], this.#reader.epoch);
    const make = () => this.bodies.of(outgoing, lanes, lanes.isLowest(outgoing));
    const result = await this.host.sender.post(this.host.target(), make, this.#stop.signal);
    if (this.#stop.signal.aborted || result.kind === "cancelled") return;
    // What was read before the log began anew concerns nobody.
    const landed = lanes === this.#reader.lanes ? this.#landed(outgoing, result) : undefined;
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
      this.#reader.lanes.retry(outgoing, verdict.at, verdict.counts);
      if (verdict.error !== undefined) this.#retries(outgoing, verdict.error);
    } else return this.#exhausted(outgoing, verdict);
  }

  #retries(outgoing: Outgoing<Posted>, error: DeliveryError): void {
    this.#observed.retry(this.#reader.epoch, outgoing.seq, outgoing.attempts, error);
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
      this.#reader.lanes.retry(outgoing, engine.clock.now(), true);
      return this.host.suspend();
    }
    return this.#giveUp(outgoing, error);
  }

  /** First the record, then the gap (ORDERING rule 14). */
  async #giveUp(outgoing: Outgoing<Posted>, error: DeliveryError): Promise<void> {
    const { lanes } = this.#reader;
    if (!(await this.#recorded(outgoing, error))) return;
    lanes.giveUp(outgoing);
    if (lanes !== this.#reader.lanes || this.#stop.signal.aborted) return;
    this.#observed.gap(this.#reader.epoch, outgoing.seq, "given_up");
    this.#moved();
  }

  /** Writes the dead letter; where that fails, false: the event is tried again later. */
  async #recorded(outgoing: Outgoing<Posted>, error: DeadLetterError): Promise<boolean> {
    const { lanes } = this.#reader;
    this.#writing += 1;
    try {
      await this.host.deadLetter(outgoing, error);
      return true;
    } catch (cause) {
      const { engine } = this.host;
      engine.logger.error("a dead letter was not written; the event is tried again", { error: cause });
      lanes.retry(outgoing, engine.clock.now() + UNWRITTEN_MS, false);
      return false;
    } finally {
      this.#writing -= 1;
    }
  }

  #settle(outgoing: Outgoing<Posted>): void {
    if (outgoing.item === undefined) this.#reader.gapTold();
    const passed = this.#reader.lanes.settle(outgoing);
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
    const at = this.#reader.lanes.dueAt();
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

  /** Resolves when it is so, and when nothing goes on any more: delivery is stopped or suspended. */
  #until(until: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push({ until, resolve });
      this.#tell();
    });
  }

  #tell(): void {
    if (this.#waiting.length === 0) return;
    const isOver = this.#stop.signal.aborted || !this.host.active;
    const waiting = this.#waiting;
    this.#waiting = waiting.filter(({ until }) => !isOver && !until());
    for (const one of waiting) if (!this.#waiting.includes(one)) one.resolve();
  }
}
