import {
  type DeliveryStatus,
  METHODS,
  type OrderingPosition,
  type WebhookCallback,
  type WebhookReceiver,
  WireError,
} from "@mcp-events/protocol";
import { failureKind } from "../failure";
import type { Delivery } from "./driver";
import { HoleWatch } from "./hole-watch";
import { pollOnce } from "./poll";
import { linkedAbort } from "./read-batches";
import { RefreshSchedule } from "./refresh-schedule";
import { WebhookInbox } from "./webhook-inbox";
import { readSubscribeResult, type SubscribeAnswer, subscribeParams, unsubscribe } from "./webhook-requests";

/** One stretch of webhook delivery: from opening the callback to taking leave of the server. */
export class WebhookRun {
  readonly #inbox: WebhookInbox;
  readonly #holes: HoleWatch;
  readonly #schedule: RefreshSchedule;
  #abort = new AbortController();
  #failed: (error: unknown) => void = () => {};
  #callback: WebhookCallback | undefined;
  /** The secret that the server was not heard to have taken. */
  #offered: string | undefined;
  /** Whether the server may have a subscription of ours. */
  #mayStand = false;
  /** A refresh failed: it may have made a new subscription, and nobody heard from where. */
  #inDoubt = false;
  #refreshing: Promise<void> | undefined;

  constructor(
    private readonly receiver: WebhookReceiver,
    private readonly key: string,
    private readonly delivery: Delivery,
    private readonly onStatus: (status: DeliveryStatus | undefined) => void,
  ) {
    this.#schedule = new RefreshSchedule(delivery.settings, () => void this.#refresh());
    this.#holes = new HoleWatch(delivery, receiver.resequence === undefined, () =>
      this.#orFail(delivery.recover(this.#abort.signal)),
    );
    this.#inbox = new WebhookInbox(
      delivery,
      (body, verdict) => {
        if (verdict === "held") this.#holes.held(body);
        this.#holes.look();
      },
      (error) => this.#terminated(error),
    );
  }

  /**
   * Delivers until `signal` aborts or the server ends the subscription.
   *
   * @throws what makes it impossible, or kept a refresh from succeeding until the grant was over.
   */
  async deliver(signal: AbortSignal): Promise<void> {
    const { abort, unlink } = linkedAbort(signal);
    this.#abort = abort;
    const over = this.#untilOver();
    try {
      this.#callback = await this.receiver.open({
        key: this.key,
        take: (body) => this.#inbox.take(body),
      });
      if (!abort.signal.aborted) {
        await this.#begin(this.#callback);
        await over;
      }
    } finally {
      unlink();
      abort.abort();
      await this.#end();
    }
  }

  /** Refreshes if that is due at `now`; resolves when it was tried. */
  async refreshDue(now: number): Promise<void> {
    if (this.#refreshing !== undefined || this.#schedule.isDue(now)) await this.#refresh();
  }

  async #begin(callback: WebhookCallback): Promise<void> {
    const { delivery, receiver } = this;
    const holdMs = receiver.resequence?.holdMs ?? 0;
    delivery.intake.consumer.channel({ releaseAhead: true, holdMs });
    await this.#subscribe(callback, callback.secret, true);
    this.#inbox.open();
    delivery.answered();
  }

  async #subscribe(callback: WebhookCallback, secret: string, isFirst: boolean): Promise<void> {
    const { delivery, receiver } = this;
    const anew = isFirst || this.#inDoubt;
    // A subscription that lives would ignore our cursor (ORDERING rule 22).
    if (anew && delivery.intake.cursor !== null)
      await unsubscribe(delivery, callback.url, this.#abort.signal);
    const { params, asked } = delivery.ask();
    const request = subscribeParams(params, { url: callback.url, secret }, receiver);
    const answer = await this.#request(request, isFirst);
    this.#offered = undefined;
    this.#inDoubt = false;
    callback.settle(answer.id);
    this.onStatus(answer.deliveryStatus);
    const began = anew || this.#schedule.isOver(delivery.settings.clock.now());
    if (!began && !answer.resequences) await this.#catchUp(answer.position);
    delivery.intake.subscribed(answer, began ? asked : undefined);
    this.#schedule.granted(answer.refreshBefore);
    delivery.healthy();
    delivery.changed();
    this.#holes.look();
  }

  async #request(request: ReturnType<typeof subscribeParams>, isFirst: boolean): Promise<SubscribeAnswer> {
    const { connection, settings } = this.delivery;
    const { signal } = this.#abort;
    const { requestTimeoutMs: timeoutMs } = settings;
    try {
      if (isFirst) this.#mayStand = true;
      return readSubscribeResult(await connection.request(METHODS.subscribe, request, { signal, timeoutMs }));
    } catch (error) {
      if (isFirst && WireError.is(error) && failureKind(error) !== "retry") this.#mayStand = false;
      throw error;
    }
  }

  /** A sender that keeps strict order lets a gap go in the end: before its settled position is believed, the way there is asked for. */
  async #catchUp(settled: OrderingPosition | undefined): Promise<void> {
    const { delivery } = this;
    const { intake } = delivery;
    const { signal } = this.#abort;
    if (!delivery.polls || settled === undefined) return;
    for (let hasMore = true; hasMore && !signal.aborted; ) {
      const from: string | null = intake.cursor;
      const at = intake.consumer.released;
      if (from === null || at?.epoch !== settled.epoch || at.seq >= settled.through) return;
      ({ hasMore } = await pollOnce(delivery, signal));
      if (intake.cursor === from) return;
    }
  }

  #refresh(): Promise<void> {
    this.#refreshing ??= this.#refreshOnce().finally(() => {
      this.#refreshing = undefined;
    });
    return this.#refreshing;
  }

  async #refreshOnce(): Promise<void> {
    const callback = this.#callback;
    if (callback === undefined || this.#abort.signal.aborted) return;
    try {
      // One secret however often it has to be offered: the receiver keeps all until one is taken.
      this.#offered ??= callback.rotate();
      await this.#subscribe(callback, this.#offered, false);
    } catch (error) {
      if (this.#abort.signal.aborted) return;
      this.#inDoubt = true;
      const { clock, logger } = this.delivery.settings;
      logger.warn("a webhook subscription could not be refreshed", { error });
      if (failureKind(error) !== "retry" || this.#schedule.isOver(clock.now())) this.#failed(error);
      else this.#schedule.failed();
    }
  }

  #terminated(error: Error): void {
    this.#mayStand = false;
    this.delivery.terminated(error);
    this.#abort.abort();
  }

  /** Resolves on abort, rejects on failure. */
  #untilOver(): Promise<void> {
    const { signal } = this.#abort;
    const over = new Promise<void>((resolve, reject) => {
      this.#failed = reject;
      signal.addEventListener("abort", () => resolve(), { once: true });
      if (signal.aborted) resolve();
    });
    // It may fail while nobody waits yet.
    over.catch(() => {});
    return over;
  }

  async #orFail(work: Promise<void>): Promise<void> {
    try {
      await work;
    } catch (error) {
      if (!this.#abort.signal.aborted) this.#failed(error);
    }
  }

  /** Deliveries are refused while the server is told, and unknown from then on. */
  async #end(): Promise<void> {
    const { delivery } = this;
    this.#schedule.stop();
    this.#holes.stop();
    this.#inbox.close();
    delivery.intake.consumer.channel({ releaseAhead: false, holdMs: 0 });
    await this.#refreshing;
    await this.#takeLeave();
    this.#callback?.close();
  }

  async #takeLeave(): Promise<void> {
    const { delivery } = this;
    if (this.#callback === undefined || !this.#mayStand || delivery.connection.closed.aborted) return;
    try {
      await unsubscribe(delivery, this.#callback.url);
    } catch (error) {
      delivery.settings.logger.warn("a webhook subscription was not ended", { error });
    }
  }
}
