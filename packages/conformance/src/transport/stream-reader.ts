import {
  type ClientStream,
  type EventConnection,
  isJsonObject,
  type JsonObject,
  type Message,
  NOTIFICATIONS,
} from "@mcp-events/protocol";
import { until } from "./assert";

/** Reads a stream in the background and keeps what came. */
export class StreamReader {
  readonly messages: Message[] = [];
  /** How the stream ended. */
  end: "open" | "ended" | { error: unknown } = "open";
  readonly #abort = new AbortController();

  constructor(connection: EventConnection, params: JsonObject, maxBuffered?: number) {
    const stream = connection.openStream(params, { signal: this.#abort.signal, maxBuffered });
    void this.#read(stream);
  }

  async #read(stream: ClientStream): Promise<void> {
    try {
      for await (const batch of stream.messages) this.messages.push(...batch);
      this.end = "ended";
    } catch (error) {
      this.end = { error };
    }
  }

  cancel(): void {
    this.#abort.abort();
  }

  /** Numbers of the events that came. */
  get numbers(): number[] {
    return this.messages
      .filter(({ method }) => method === NOTIFICATIONS.event)
      .map(({ params }) => numberOf(params));
  }

  /** Waits for so many messages. */
  async received(count: number): Promise<void> {
    await until(
      () => this.messages.length >= count || this.end !== "open",
      `${count} messages (${this.messages.length} came)`,
    );
  }

  async ended(): Promise<void> {
    await until(() => this.end !== "open", "the end of the stream");
  }

  /** The error that ended the stream. */
  get error(): unknown {
    return typeof this.end === "object" ? this.end.error : undefined;
  }
}

function numberOf(params: JsonObject): number {
  return isJsonObject(params.data) ? Number(params.data.n) : Number.NaN;
}
