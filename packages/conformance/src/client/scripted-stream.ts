import type { ServerResponse } from "node:http";
import { SUBSCRIPTION_ID } from "@mcp-events/protocol";
import type { Wire } from "../kit/expect";

/** One `events/stream` of the client, answered by the script. */
export class ScriptedStream {
  /** Resolves when the client ended it. */
  readonly closed: Promise<void>;

  constructor(
    /** What the client asked for. */
    readonly request: Wire,
    private readonly res: ServerResponse,
  ) {
    this.closed = new Promise((resolve) => res.once("close", resolve));
    res.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-cache" }).flushHeaders();
  }

  active(cursor: string | null, truncated = false): void {
    this.#notify("active", { cursor, truncated });
  }

  /** An event with a cursor after it, `after-<id>` unless given. */
  event(eventId: string, name: string, cursor: string | null = `after-${eventId}`): void {
    this.#notify("event", { ...occurrence(eventId, name), cursor });
  }

  heartbeat(cursor: string | null): void {
    this.#notify("heartbeat", { cursor });
  }

  error(code: number): void {
    this.#notify("error", { error: { code, message: "scripted" } });
  }

  terminated(code: number): void {
    this.#notify("terminated", { error: { code, message: "scripted" } });
  }

  /** Ends as a server does that closes in good order. */
  finish(): void {
    const result = { resultType: "complete", _meta: { [SUBSCRIPTION_ID]: this.request.id } };
    this.#write({ jsonrpc: "2.0", id: this.request.id, result });
    this.res.end();
  }

  /** Breaks, as a cable does that is pulled. */
  drop(): void {
    this.res.destroy();
  }

  #notify(kind: string, params: Wire): void {
    const _meta = { [SUBSCRIPTION_ID]: this.request.id };
    this.#write({ jsonrpc: "2.0", method: `notifications/events/${kind}`, params: { ...params, _meta } });
  }

  #write(message: Wire): void {
    this.res.write(`data: ${JSON.stringify(message)}\n\n`);
  }
}

/** An event of the scripted server. */
export function occurrence(eventId: string, name: string): Wire {
  return { eventId, name, timestamp: "2026-01-01T00:00:00.000Z", data: {} };
}
