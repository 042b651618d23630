import {
  EventsError,
  type Message,
  NOTIFICATIONS,
  orderingPositionSchema,
  readOrdering,
  streamErrorSchema,
  WireError,
} from "@mcp-events/protocol";
import type { Asked } from "../intake";
import { Watchdog } from "../watchdog";
import type { Delivery, DeliveryModeDriver } from "./driver";
import { linkedAbort, readBatches } from "./read-batches";

/** Delivery by `events/stream` (PUSH-1 to PUSH-9). */
export class PushDriver implements DeliveryModeDriver {
  readonly mode = "push";

  async run(delivery: Delivery, signal: AbortSignal): Promise<void> {
    const { abort, unlink } = linkedAbort(signal);
    const { clock, heartbeatMs, maxBuffered } = delivery.settings;
    const watchdog = new Watchdog(clock, 2 * heartbeatMs, () => abort.abort());
    const { params, asked } = delivery.ask();
    try {
      const stream = delivery.connection.openStream(params, { signal: abort.signal, maxBuffered });
      const reader = new StreamReader(delivery, asked);
      watchdog.watch();
      for await (const batch of readBatches(stream.messages, abort.signal)) {
        watchdog.rest();
        if (reader.read(batch)) return;
        delivery.changed();
        if (delivery.intake.consumer.missing !== undefined) await delivery.recover(abort.signal);
        await delivery.room(maxBuffered, abort.signal);
        watchdog.watch();
      }
    } finally {
      watchdog.rest();
      unlink();
      abort.abort();
    }
    if (!watchdog.fired) return;
    throw new EventsError("stream_ended", `nothing was heard for ${watchdog.silenceMs} ms`, {
      retryable: true,
    });
  }
}

/** Reads the messages of one stream. */
class StreamReader {
  #asked: Asked | undefined;

  constructor(
    private readonly delivery: Delivery,
    asked: Asked,
  ) {
    this.#asked = asked;
  }

  /** True when the server ended the subscription. */
  read(batch: readonly Message[]): boolean {
    return batch.some((message) => this.#one(message));
  }

  #one({ method, params }: Message): boolean {
    switch (method) {
      case NOTIFICATIONS.active:
        this.#active(params);
        return false;
      case NOTIFICATIONS.event:
        this.#event(params);
        return false;
      case NOTIFICATIONS.heartbeat:
        if (this.delivery.intake.heartbeat(params)) this.delivery.healthy();
        return false;
      case NOTIFICATIONS.error:
        this.#warn(params);
        return false;
      case NOTIFICATIONS.terminated:
        return this.#terminated(params);
      default:
        return false;
    }
  }

  #active(params: Message["params"]): void {
    const asked = this.#asked;
    const understood = this.delivery.intake.active(params, asked);
    if (asked === undefined) return;
    // Without it nobody knows where the stream begins.
    if (!understood) throw new EventsError("stream_ended", "the stream began malformed", { retryable: true });
    this.#asked = undefined;
    this.delivery.answered();
  }

  #event(params: Message["params"]): void {
    if (this.#asked !== undefined) this.#withoutActive();
    if (!this.delivery.intake.event(params, "push")) {
      throw new EventsError("stream_ended", "too much is held back; reading again", { retryable: true });
    }
    this.delivery.healthy();
  }

  /** PUSH-2 forbids it: what came before is not known, so nothing is concluded from a later `active`. */
  #withoutActive(): void {
    this.#asked = undefined;
    this.delivery.settings.logger.warn("a stream began without `active`");
    this.delivery.answered();
  }

  #warn(params: Message["params"]): void {
    const parsed = streamErrorSchema.safeParse(params);
    const error = parsed.success ? parsed.data.error : params;
    this.delivery.settings.logger.warn("the server reports an error; the stream goes on", { error });
  }

  #terminated(params: Message["params"]): boolean {
    const parsed = streamErrorSchema.safeParse(params);
    if (parsed.success) {
      const { error, _meta } = parsed.data;
      const position = readOrdering(_meta, orderingPositionSchema);
      if (position !== undefined) this.delivery.intake.position(position);
      this.delivery.terminated(WireError.fromWire(error));
    } else {
      this.delivery.terminated(new WireError("InternalError", "the server ended the subscription"));
    }
    return true;
  }
}
