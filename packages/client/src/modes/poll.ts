import { type JsonObject, METHODS } from "@mcp-events/protocol";
import type { PageSummary } from "../intake";
import { Pulse } from "../pulse";
import type { Delivery, DeliveryModeDriver } from "./driver";

/** Asks once, and takes the answer in (POLL-1). */
export async function pollOnce(
  delivery: Delivery,
  signal: AbortSignal,
  longPollMs = 0,
): Promise<PageSummary> {
  const { connection, intake, maxEvents } = delivery;
  const { params, asked } = delivery.ask();
  const request: JsonObject = { ...params };
  if (maxEvents !== undefined) request.maxEvents = maxEvents;
  if (longPollMs > 0) request.timeoutMs = longPollMs;
  const timeoutMs = delivery.settings.requestTimeoutMs + longPollMs;
  const page = intake.page(await connection.request(METHODS.poll, request, { signal, timeoutMs }), asked);
  delivery.changed();
  return page;
}

/** Delivery by `events/poll` (POLL-4): at once while there is more, else after the server's interval, floored. */
export class PollDriver implements DeliveryModeDriver {
  readonly mode = "poll";
  readonly #asked = new Pulse();
  #wanted = false;

  async run(delivery: Delivery, signal: AbortSignal): Promise<void> {
    const { settings, intake } = delivery;
    await this.#roomToBegin(delivery, signal);
    // Whoever subscribes waits for the first answer, so that one does not wait for news (POLL-7); the next one does, at once.
    let longPollMs = 0;
    while (!signal.aborted) {
      const before = intake.cursor;
      this.#wanted = false;
      const { hasMore, nextPollMs } = await pollOnce(delivery, signal, longPollMs);
      delivery.answered();
      delivery.healthy();
      const advanced = intake.cursor !== before;
      const waitedForNews = longPollMs === settings.longPollMs;
      longPollMs = settings.longPollMs;
      if (waitedForNews && (!hasMore || !advanced)) {
        await this.#pause(delivery, Math.max(settings.minPollMs, nextPollMs ?? 0), signal);
      }
      // One page at a time: the next is asked for when the iterator took the last one.
      await delivery.room(1, signal);
    }
  }

  /**
   * Who iterates may be waiting for the mode to stand, so beginning does not wait for the iterator: what another mode
   * left behind gets one page on top, and where that is too much, the mode stands unasked.
   */
  async #roomToBegin(delivery: Delivery, signal: AbortSignal): Promise<void> {
    const { maxBuffered } = delivery.settings;
    if (delivery.intake.consumer.waiting >= maxBuffered) delivery.answered();
    await delivery.room(maxBuffered, signal);
  }

  askPosition(): boolean {
    this.#wanted = true;
    this.#asked.fire();
    return true;
  }

  async #pause(delivery: Delivery, ms: number, signal: AbortSignal): Promise<void> {
    if (this.#wanted) return;
    const cancel = delivery.settings.clock.after(ms, () => this.#asked.fire());
    await this.#asked.wait(signal);
    cancel();
  }
}
