/** A JSON-RPC message as it came off the wire, nothing of it checked. */
// biome-ignore lint/suspicious/noExplicitAny: tests look at raw messages
export type Raw = any;

/** The revisions the fixture is spoken to in. */
export const MODERN_REVISION = "2026-07-28";
export const LEGACY_REVISION = "2025-11-25";

/** Parameters of a request of revision 2026-07-28: each names the revision and the client. */
export function withEnvelope(params: object): Raw {
  const { _meta, ...rest } = params as { _meta?: object };
  return {
    ...rest,
    _meta: {
      "io.modelcontextprotocol/protocolVersion": MODERN_REVISION,
      "io.modelcontextprotocol/clientInfo": { name: "everything-test", version: "1" },
      "io.modelcontextprotocol/clientCapabilities": {},
      ..._meta,
    },
  };
}

export const INITIALIZE = {
  protocolVersion: LEGACY_REVISION,
  capabilities: {},
  clientInfo: { name: "everything-test", version: "1" },
};

/** One open `events/stream`, as the tests read it. */
export class RawStream {
  readonly messages: Raw[] = [];
  /** The response that ended the stream; `undefined` when it ended without one. */
  readonly response: Promise<Raw>;
  #resolve!: (response: Raw) => void;
  #read = 0;
  #changed: () => void = () => {};
  #over = false;

  constructor(
    readonly id: number,
    readonly cancel: () => void | Promise<void>,
  ) {
    this.response = new Promise((resolve) => {
      this.#resolve = resolve;
    });
  }

  push(message: Raw): void {
    if ("method" in message) this.messages.push(message);
    else this.end(message);
    this.#changed();
  }

  end(response: Raw): void {
    this.#over = true;
    this.#resolve(response);
    this.#changed();
  }

  /** The next message that was not read yet, of the method (`active`, `event`, …) when one is named; others are skipped. */
  async next(kind?: string): Promise<Raw> {
    for (;;) {
      while (this.#read < this.messages.length) {
        const message = this.messages[this.#read];
        this.#read += 1;
        if (kind === undefined || message.method === `notifications/events/${kind}`) return message;
      }
      if (this.#over) throw new Error(`the stream ended before ${kind ?? "a message"} came`);
      await new Promise<void>((resolve) => {
        this.#changed = resolve;
      });
    }
  }

  /** The next `count` events. */
  async events(count: number): Promise<Raw[]> {
    const events: Raw[] = [];
    while (events.length < count) events.push((await this.next("event")).params);
    return events;
  }
}

/** A client that speaks raw JSON-RPC to the fixture, whatever carries it. */
export interface Peer {
  /** What the server answered to `initialize`; `undefined` for a client that sends none. */
  readonly opened: Raw;
  /** The whole response: `result` or `error`. */
  request(method: string, params?: object): Promise<Raw>;
  /** Opens `events/stream`. */
  stream(params: object): Promise<RawStream>;
  /** Sends a notification. */
  notify(method: string, params: object): Promise<void>;
  /** Calls `fn` for each notification that belongs to no stream; stdio only. */
  onNotification(method: string, fn: (message: Raw) => void): void;
  /** Id of the HTTP session. */
  readonly session: string | undefined;
  close(): Promise<void>;
}

/** The result of a request that is expected to succeed. */
export async function result(peer: Peer, method: string, params?: object): Promise<Raw> {
  const response = await peer.request(method, params);
  if (response.error !== undefined) throw new Error(`${method}: ${JSON.stringify(response.error)}`);
  return response.result;
}

/** Calls a tool and gives its structured content; a tool error throws. */
export async function callTool(peer: Peer, name: string, args: object = {}): Promise<Raw> {
  const called = await result(peer, "tools/call", { name, arguments: args });
  if (called.isError) throw new Error(called.content[0].text);
  return called.structuredContent;
}
