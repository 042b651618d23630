import { EventsError } from "../errors";
import { utf8Bytes } from "../json";
import type { McpTransport } from "./contract";

/** How an in-memory pair is made. */
export interface InMemoryPairOptions {
  /** Bytes on their way in one direction from which on `send` waits; default 65,536. */
  readonly highWaterMarkBytes?: number | undefined;
  /** Runs a delivery later; default `queueMicrotask`. The simulator puts delay here. */
  readonly schedule?: ((deliver: () => void) => void) | undefined;
}

/** One end of an in-memory pair: an MCP transport for a client or server of either SDK line. */
export interface InMemoryTransport extends McpTransport {
  start(): Promise<void>;
  onerror?: ((error: Error) => void) | undefined;
  /** Bytes sent from this end that the other has not taken yet. */
  readonly pendingBytes: number;
  /** Stops this end from taking messages; the returned function lets it go on. */
  stall(): () => void;
}

/** Two ends of one connection. */
export interface InMemoryPair {
  readonly client: InMemoryTransport;
  readonly server: InMemoryTransport;
  /** Breaks the connection: what is on its way is lost, both ends see it closed. */
  cut(): void;
}

/**
 * Two linked MCP transports in one process. Messages go through JSON text as on any wire, arrive later than they are
 * sent, and `send` waits while more than `highWaterMarkBytes` are on their way.
 */
export function inMemoryPair(options: InMemoryPairOptions = {}): InMemoryPair {
  const client = new InMemoryEnd(options);
  const server = new InMemoryEnd(options);
  client.link(server);
  server.link(client);
  return {
    client,
    server,
    cut() {
      client.drop();
      server.drop();
    },
  };
}

class InMemoryEnd implements InMemoryTransport {
  onmessage?: McpTransport["onmessage"];
  onclose?: McpTransport["onclose"];
  onerror?: ((error: Error) => void) | undefined;
  readonly #highWaterMark: number;
  readonly #schedule: (deliver: () => void) => void;
  #other: InMemoryEnd | undefined;
  #inbox: { text: string; bytes: number }[] = [];
  #inboxBytes = 0;
  #started = false;
  #stalls = 0;
  #delivering = false;
  #senders: (() => void)[] = [];

  constructor(options: InMemoryPairOptions) {
    this.#highWaterMark = options.highWaterMarkBytes ?? 65_536;
    this.#schedule = options.schedule ?? ((deliver) => queueMicrotask(deliver));
  }

  link(other: InMemoryEnd): void {
    this.#other = other;
  }

  get pendingBytes(): number {
    return this.#other?.waitingBytes ?? 0;
  }

  get waitingBytes(): number {
    return this.#inboxBytes;
  }

  async start(): Promise<void> {
    this.#started = true;
    this.#deliver();
  }

  async send(message: unknown): Promise<void> {
    const other = this.#other;
    if (other === undefined) throw new EventsError("transport_failed", "the in-memory connection is closed");
    await other.take(JSON.stringify(message));
  }

  async close(): Promise<void> {
    const other = this.#other;
    this.drop();
    other?.finish();
  }

  stall(): () => void {
    this.#stalls += 1;
    let stalled = true;
    return () => {
      if (stalled) this.#stalls -= 1;
      stalled = false;
      this.#deliver();
    };
  }

  /** Ends this side at once and loses what it had not taken. */
  drop(): void {
    if (this.#other === undefined) return;
    this.#other = undefined;
    this.#inbox = [];
    this.#inboxBytes = 0;
    this.#letSendersOn();
    this.onclose?.();
  }

  /** Ends this side after what is on its way to it was taken. */
  finish(): void {
    if (this.#other === undefined) return;
    this.#schedule(() => (this.#inbox.length > 0 && this.#stalls === 0 ? this.finish() : this.drop()));
  }

  take(text: string): Promise<void> | undefined {
    const bytes = utf8Bytes(text);
    this.#inbox.push({ text, bytes });
    this.#inboxBytes += bytes;
    this.#deliver();
    if (this.#inboxBytes <= this.#highWaterMark) return undefined;
    return new Promise((resolve) => this.#senders.push(resolve));
  }

  #deliver(): void {
    if (this.#delivering || !this.#started || this.#stalls > 0 || this.#inbox.length === 0) return;
    this.#delivering = true;
    this.#schedule(() => {
      this.#delivering = false;
      const next = this.#stalls > 0 ? undefined : this.#inbox.shift();
      if (next === undefined) return;
      this.#inboxBytes -= next.bytes;
      if (this.#inboxBytes <= this.#highWaterMark) this.#letSendersOn();
      this.#hand(next.text);
      this.#deliver();
    });
  }

  #hand(text: string): void {
    try {
      this.onmessage?.(JSON.parse(text));
    } catch (error) {
      this.onerror?.(error instanceof Error ? error : new Error(String(error)));
    }
  }

  #letSendersOn(): void {
    const senders = this.#senders;
    this.#senders = [];
    for (const resolve of senders) resolve();
  }
}
