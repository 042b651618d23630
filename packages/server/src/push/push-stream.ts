import type { Awaitable, Batch, ReadItem } from "@mcp-events/ordering";
import {
  type JsonObject,
  type Message,
  type RequestId,
  type StreamChannel,
  sleep,
  WireError,
} from "@mcp-events/protocol";
import type { Engine } from "../engine";
import type { Feed } from "../subscriptions/feed";
import type { Ending, LivingSubscription } from "../subscriptions/living";
import type { Subscription } from "../subscriptions/subscription";
import { SubscriptionObserver } from "../subscriptions/subscription-observer";
import { untilAborted } from "../until-aborted";
import { yieldToLoop } from "../yield-to-loop";
import { StreamMessages } from "./messages";

const FIRST_RETRY_MS = 250;
const MAX_RETRY_MS = 30_000;

/**
 * One push subscription (PUSH-1 to PUSH-8): a reader with a position, not a queue. It reads the next events only once
 * the transport took those before, so a slow consumer costs its position and nothing else (ORDERING rule 8).
 */
export class PushStream implements LivingSubscription {
  #ending: Ending | undefined;
  #feed: Feed | undefined;
  #failure: WireError | undefined;
  #heartbeatDue = false;
  #left = false;
  #news = false;
  #watching = false;
  #wake: (() => void) | undefined;
  readonly #over = new AbortController();
  /** The position up to which the transport took everything, as `_meta` carries it (ORDERING rule 9). */
  #told: JsonObject = {};
  readonly #observed: SubscriptionObserver;
  #released: () => void = () => {};
  /** Resolves when the stream is over and holds nothing any more. */
  readonly released = new Promise<void>((resolve) => {
    this.#released = resolve;
  });

  constructor(
    private readonly engine: Engine,
    readonly subscription: Subscription,
    private readonly requestId: RequestId,
    private readonly channel: StreamChannel,
  ) {
    this.#observed = new SubscriptionObserver(engine.observer, subscription);
    channel.signal.addEventListener("abort", this.#leave, { once: true });
    if (channel.signal.aborted) this.#leave();
  }

  readonly begun = true;

  /** Aborts when nobody reads any more: the client left, or the server does not wait for it. */
  get gone(): AbortSignal {
    return this.#over.signal;
  }

  /** Ends the stream. What forbids anything more to go out comes before what lets it drain. */
  end(ending: Ending): void {
    if (this.#ending !== undefined && ending.through !== undefined) return;
    this.#ending = ending;
    this.#wakeUp();
  }

  /** Ends the stream although its client does not read. */
  cut(): void {
    this.#leave();
  }

  /** A heartbeat has to go out with the next messages (PUSH-4). */
  beat(): void {
    this.#heartbeatDue = true;
    this.#wakeUp();
  }

  /** Tells the client that something failed and delivery goes on (PUSH-5). */
  fail(error: unknown): void {
    this.#failure = WireError.is(error)
      ? error
      : new WireError("InternalError", "The source of events failed");
    this.#wakeUp();
  }

  /** @throws WireError when the stream was ended before it began, unless it still gets what was emitted. */
  requireOpen(): void {
    const ending = this.#ending;
    if (ending !== undefined && ending.finished !== true)
      throw ending.error ?? new WireError("InternalError", "The server is closing");
  }

  /**
   * Delivers until the client leaves or the stream is ended.
   *
   * @returns the final result (PUSH-7).
   */
  async deliver(feed: Feed, truncated: boolean): Promise<JsonObject> {
    this.#feed = feed;
    const messages = new StreamMessages(feed, this.requestId);
    try {
      await untilAborted(this.gone, this.#deliver(feed, messages, truncated));
    } catch (error) {
      if (!this.#left) this.engine.logger.warn("a stream broke", { error });
    }
    return { resultType: "complete", _meta: this.#told };
  }

  /** Lets go of everything; called once, whatever happened. */
  release(): void {
    this.channel.signal.removeEventListener("abort", this.#leave);
    this.#leave();
    this.#released();
  }

  readonly #leave = () => {
    this.#left = true;
    this.#over.abort();
    this.#feed?.release();
    this.#wakeUp();
  };

  async #deliver(feed: Feed, messages: StreamMessages, truncated: boolean): Promise<void> {
    this.#told = messages.meta(feed.position);
    await this.channel.write([messages.active(feed.position, truncated)]);
    if (truncated) this.#observed.gap(feed.epoch, feed.position, "truncated");
    await this.#loop(feed, messages);
    const error = this.#ending?.error;
    if (error === undefined || this.#left) return;
    const wire = error.toWire(this.engine.options.profile);
    await this.channel.write([messages.terminated(wire, this.#told)]);
  }

  async #loop(feed: Feed, messages: StreamMessages): Promise<void> {
    for (let failures = 0; !this.#left && !this.#isOver(feed); ) {
      const before = feed.position;
      const taken = this.#take(feed);
      const batch = taken instanceof Promise ? await taken : taken;
      if (this.#isCutOff()) return;
      failures = batch === undefined ? failures + 1 : 0;
      const out = batch === undefined ? this.#notices(messages, before) : this.#encode(batch, messages);
      if (out.length > 0) await this.#write(out, batch, feed);
      if (batch === undefined) {
        await this.#pause(failures);
        continue;
      }
      this.#told = messages.meta(batch.through);
      if (batch.more) {
        if (out.length === 0) await yieldToLoop();
      } else if (this.#ending === undefined) await this.#wait(feed);
      else if (out.length === 0) return;
    }
  }

  /** Whether nothing more may go out, not even what was read already. */
  #isCutOff(): boolean {
    return this.#ending !== undefined && this.#ending.through === undefined;
  }

  #isOver(feed: Feed): boolean {
    const ending = this.#ending;
    if (ending === undefined) return false;
    return ending.through === undefined || feed.position >= ending.through;
  }

  /** A stream that drains waits for what is being evaluated; one that lives on does not, so that heartbeats go on. */
  #take(feed: Feed): Awaitable<Batch | undefined> {
    const limit = this.engine.options.streamBatch;
    try {
      const batch = this.#ending === undefined ? feed.takeReady(limit) : feed.take(limit);
      return batch instanceof Promise ? batch.catch((error: unknown) => this.#tookFailed(error)) : batch;
    } catch (error) {
      return this.#tookFailed(error);
    }
  }

  #tookFailed(error: unknown): undefined {
    if (this.#left) return;
    this.engine.logger.error("reading the log failed", { name: this.subscription.type.name, error });
    this.fail(error);
  }

  #encode(batch: Batch, messages: StreamMessages): Message[] {
    const out: Message[] = [];
    if (batch.truncated !== undefined) {
      out.push(messages.active(batch.truncated.to, true));
      this.#observed.gap(batch.epoch, batch.truncated.to, "truncated");
    }
    for (const item of batch.items) this.#encodeItem(item, messages, out);
    out.push(...this.#notices(messages, batch.through));
    return out;
  }

  #encodeItem(item: ReadItem, messages: StreamMessages, out: Message[]): void {
    this.#feed!.passed(item);
    if (item.kind === "event") {
      out.push(messages.event(item));
      return;
    }
    const gaveUp = item.entry.kind === "event";
    if (gaveUp) {
      const error = new WireError("InternalError", "An event could not be evaluated and was skipped");
      out.push(messages.error(error.toWire(this.engine.options.profile)));
    }
    out.push(messages.active(item.entry.seq, true));
    this.#observed.gap(this.#feed!.epoch, item.entry.seq, gaveUp ? "given_up" : "upstream");
  }

  /** What is due beside events. */
  #notices(messages: StreamMessages, through: number): Message[] {
    const out: Message[] = [];
    const failure = this.#failure?.toWire(this.engine.options.profile);
    if (failure !== undefined) out.push(messages.error(failure));
    if (this.#heartbeatDue) out.push(messages.heartbeat(through));
    this.#failure = undefined;
    this.#heartbeatDue = false;
    return out;
  }

  async #write(out: readonly Message[], batch: Batch | undefined, feed: Feed): Promise<void> {
    if (batch !== undefined) this.#observed.send(batch.items, batch.epoch);
    await this.channel.write(out);
    if (this.#left) return;
    this.#observed.acknowledge(feed.epoch, feed.position);
    await yieldToLoop();
  }

  /** Resolves on news, when a notice is due, and at the end. */
  async #wait(feed: Feed): Promise<void> {
    if (!this.#watching && !this.#news) {
      this.#watching = true;
      void feed.changed().then(() => {
        this.#watching = false;
        this.#news = true;
        this.#wakeUp();
      });
    }
    const pending =
      this.#news || this.#heartbeatDue || this.#failure !== undefined || this.#ending !== undefined;
    this.#news = false;
    if (pending || this.#left) return;
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
    this.#wake = undefined;
    this.#news = false;
  }

  #wakeUp(): void {
    this.#wake?.();
  }

  /** Waits before the log is read again. */
  async #pause(failures: number): Promise<void> {
    const ms = Math.min(FIRST_RETRY_MS * 2 ** Math.min(failures - 1, 30), MAX_RETRY_MS);
    await sleep(this.engine.clock, ms, this.gone);
  }
}
