import { sleep } from "@mcp-events/protocol";
import { type ConsumerMessages, DeliverPolicy, type JsMsg } from "@nats-io/jetstream";
import type { Nats } from "./connection";

/** What says that an ordered consumer will not go on by itself. */
const ENDING = new Set(["consumer_deleted", "consumer_not_found", "stream_not_found", "reset"]);

/** Messages on their way to the client at once. */
const MAX_MESSAGES = 512;

/**
 * Reads a stream from message `from` on by an ordered consumer, until `stop` aborts or the consumer is lost.
 *
 * @param onMessage - Told each message in the order of the stream; false ends the reading.
 */
export async function readStream(
  { js }: Nats,
  stream: string,
  from: number,
  stop: AbortSignal,
  onMessage: (message: JsMsg) => boolean,
): Promise<void> {
  const consumer = await js.consumers.get(stream, {
    deliver_policy: DeliverPolicy.StartSequence,
    opt_start_seq: from,
  });
  if (stop.aborted) return;
  const messages = await consumer.consume({ max_messages: MAX_MESSAGES });
  const end = () => messages.stop();
  stop.addEventListener("abort", end, { once: true });
  void stopWhenLost(messages);
  try {
    for await (const message of messages) if (!onMessage(message)) break;
  } finally {
    stop.removeEventListener("abort", end);
    void messages.close();
  }
}

async function stopWhenLost(messages: ConsumerMessages): Promise<void> {
  for await (const { type } of messages.status()) if (ENDING.has(type)) messages.stop();
}

/** A growing pause between failures. */
export class Backoff {
  #ms = 0;

  reset(): void {
    this.#ms = 0;
  }

  async pause(clock: Parameters<typeof sleep>[0], stop: AbortSignal): Promise<void> {
    this.#ms = Math.min(Math.max(50, this.#ms * 2), 2_000);
    await sleep(clock, this.#ms, stop);
  }
}
