import {
  type EventHost,
  type HostRequest,
  type JsonObject,
  type Message,
  NOTIFICATIONS,
  type StreamChannel,
  SUBSCRIPTION_ID,
} from "@mcp-events/protocol";

/** What a case's server does with an opened stream; the stream ends when it returns. */
export type Script = (channel: StreamChannel, request: HostRequest) => Promise<void>;

/** Serves `events/stream` with a script and counts the channels that are open. */
export class StreamServer {
  /** Channels opened and not released. */
  open = 0;
  /** Channels opened so far. */
  opened = 0;
  /** Channels whose signal aborted. */
  aborted = 0;
  /** Messages that were written. */
  written = 0;

  constructor(host: EventHost, script: Script) {
    host.handle("events/stream", async (request) => {
      const channel = request.stream();
      this.open += 1;
      this.opened += 1;
      channel.signal.addEventListener("abort", () => {
        this.aborted += 1;
      });
      try {
        await script(channel, request);
      } finally {
        channel.release();
        this.open -= 1;
      }
      return { _meta: { [SUBSCRIPTION_ID]: request.requestId } };
    });
    host.handle("events/list", async () => ({ events: [] }));
  }

  /** Writes `active`, as every stream begins. */
  async active(channel: StreamChannel, request: HostRequest): Promise<void> {
    await this.write(channel, [
      notification(request, NOTIFICATIONS.active, { cursor: "0", truncated: false }),
    ]);
  }

  /** Writes numbered events, in batches. */
  async events(
    channel: StreamChannel,
    request: HostRequest,
    count: number,
    options: { data?: JsonObject; batch?: number; from?: number } = {},
  ): Promise<void> {
    const { data = {}, batch = 16, from = 0 } = options;
    for (let n = from; n < from + count && !channel.signal.aborted; n += batch) {
      const size = Math.min(batch, from + count - n);
      const messages = Array.from({ length: size }, (_, i) => event(request, n + i, data));
      await this.write(channel, messages);
    }
  }

  async write(channel: StreamChannel, messages: readonly Message[]): Promise<void> {
    await channel.write(messages);
    if (!channel.signal.aborted) this.written += messages.length;
  }
}

/** A notification of the stream that `request` opened (PUSH-3). */
export function notification(request: HostRequest, method: string, params: JsonObject): Message {
  return { method, params: { ...params, _meta: { [SUBSCRIPTION_ID]: request.requestId } } };
}

function event(request: HostRequest, n: number, data: JsonObject): Message {
  return notification(request, NOTIFICATIONS.event, {
    eventId: `e${n}`,
    name: "suite.event",
    timestamp: "2026-01-01T00:00:00.000Z",
    cursor: String(n + 1),
    data: { ...data, n },
  });
}

/** Resolves when the channel's signal aborts. */
export function whenAborted(channel: StreamChannel): Promise<void> {
  return new Promise((resolve) => {
    if (channel.signal.aborted) resolve();
    else channel.signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
