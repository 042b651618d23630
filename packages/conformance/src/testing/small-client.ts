import { EVENTS_EXTENSION } from "@mcp-events/protocol";
import type { ClientDriver, ClientScenario, Seen } from "../client";
import type { Wire } from "../kit/expect";
import { pause } from "../kit/within";
import { readMessages } from "../server/wire/http-body";
import { HttpConnection } from "../server/wire/http-connection";
import { request } from "../server/wire/messages";

/** Interval of heartbeats that the small client expects, in milliseconds. */
export const SMALL_HEARTBEAT_MS = 150;

/** A client of a hundred lines without any SDK. A flaw is the id of the check that has to find it. */
export function smallClient(flaw?: string): ClientDriver {
  return (scenario) => {
    const client = new SmallClient(scenario, flaw);
    void client.run().catch(() => {});
    return { seen: () => client.seen, stop: async () => client.stop() };
  };
}

class SmallClient {
  readonly seen: Seen[] = [];
  readonly #known = new Set<string>();
  #cursor: string | null = null;
  #over = false;
  #begun = false;
  #abort = new AbortController();
  #silence: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly scenario: ClientScenario,
    private readonly flaw: string | undefined,
  ) {}

  stop(): void {
    this.#over = true;
    clearTimeout(this.#silence);
    this.#abort.abort();
  }

  async run(): Promise<void> {
    const { url, mode } = this.scenario;
    const connection = new HttpConnection("modern", { url, headers: {}, patienceMs: 10_000 });
    await connection.open();
    const offered = connection.opened?.capabilities?.extensions?.[EVENTS_EXTENSION] !== undefined;
    if (!offered && this.flaw !== "CAP-3.not-offered") return;
    if (!offered) await connection.request("events/list");
    while (!this.#over) await (mode === "push" ? this.#stream() : this.#poll(connection));
  }

  async #poll(connection: HttpConnection): Promise<void> {
    const cursor = this.flaw === "POLL-4.cursor" ? null : this.#cursor;
    const { result } = await connection.request("events/poll", { name: this.scenario.type, cursor });
    this.#cursor = result.cursor;
    for (const event of result.events) this.#event(event);
    const atOnce = this.flaw === "POLL-4.waits" || (result.hasMore && this.flaw !== "POLL-4.has-more");
    await pause(atOnce ? 1 : result.nextPollMs);
  }

  async #stream(): Promise<void> {
    this.#abort = new AbortController();
    this.#alive();
    const params = { name: this.scenario.type, arguments: {}, cursor: this.#resumeAt() };
    const response = await fetch(this.scenario.url, {
      method: "POST",
      headers: { "content-type": "application/json", accept: "application/json, text/event-stream" },
      body: JSON.stringify(request("modern", 1, "events/stream", params)),
      signal: this.#abort.signal,
    });
    await readMessages(response, (message) => this.#take(message)).catch(() => {});
    clearTimeout(this.#silence);
    this.#begun = true;
    await pause(5);
  }

  #resumeAt(): string | null {
    if (this.flaw === "PUSH-9.reconnect") return null;
    return this.flaw === "CUR-3.null" && this.#begun ? (this.#cursor ?? "none") : this.#cursor;
  }

  #take({ method, params, result }: Wire): void {
    this.#alive();
    const kind = method?.split("/").at(-1);
    if (kind === "active") this.#active(params);
    else if (kind === "event") this.#event(params, params.cursor);
    else if (kind === "heartbeat" && this.flaw !== "CUR-4.heartbeat") this.#cursor = params.cursor;
    else if (kind === "error" && this.flaw === "PUSH-5.error") this.#abort.abort();
    else if (kind === "terminated") this.#terminated();
    else if (result !== undefined && this.flaw === "PUSH-7.finished") this.stop();
  }

  #active({ cursor, truncated }: Wire): void {
    const midStream = this.seen.length > 0 && !this.#begun;
    const deaf = this.flaw === (midStream ? "PUSH-6.gap" : "CUR-6.truncated");
    if (truncated && !deaf) this.seen.push({ type: "gap" });
    this.#cursor = cursor;
  }

  #event({ eventId }: Wire, cursor: string | null = this.#cursor): void {
    this.#cursor = cursor;
    if (this.flaw === "PUSH-2.hands-on" && eventId === "b") return;
    if (this.#known.has(eventId) && this.flaw !== "OCC-2.duplicate") return;
    this.#known.add(eventId);
    this.seen.push({ eventId });
  }

  #terminated(): void {
    this.seen.push({ type: "terminated" });
    if (this.flaw !== "PUSH-5.terminated") this.stop();
  }

  #alive(): void {
    clearTimeout(this.#silence);
    if (this.flaw === "PUSH-9.silence" || this.#over) return;
    this.#silence = setTimeout(() => this.#abort.abort(), 2 * SMALL_HEARTBEAT_MS);
  }
}
