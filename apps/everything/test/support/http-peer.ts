import {
  INITIALIZE,
  LEGACY_REVISION,
  MODERN_REVISION,
  type Peer,
  type Raw,
  RawStream,
  withEnvelope,
} from "./json-rpc";
import { readEvents } from "./sse";

/** How a client speaks over HTTP. */
export type Dialect = "modern" | "session" | "stateless";

/** Options of {@link httpPeer}. */
export interface HttpPeerOptions {
  readonly url: string;
  readonly dialect: Dialect;
  readonly token?: string | undefined;
}

/** A client of the fixture over Streamable HTTP, without any SDK. */
export async function httpPeer(options: HttpPeerOptions): Promise<Peer> {
  const peer = new HttpPeer(options);
  if (options.dialect === "session") await peer.initialize();
  return peer;
}

class HttpPeer implements Peer {
  opened: Raw;
  #nextId = 0;
  session: string | undefined;
  readonly #streams = new Set<RawStream>();

  constructor(private readonly options: HttpPeerOptions) {}

  async initialize(): Promise<void> {
    const response = await this.#post({
      jsonrpc: "2.0",
      id: "init",
      method: "initialize",
      params: INITIALIZE,
    });
    this.session = response.headers.get("mcp-session-id") ?? undefined;
    const [opened] = await readAll(response);
    this.opened = opened.result;
    const notified = await this.#post({ jsonrpc: "2.0", method: "notifications/initialized" });
    await notified.text();
  }

  async request(method: string, params: object = {}): Promise<Raw> {
    const message = this.#message(method, params);
    const messages = await readAll(await this.#post(message));
    return messages.find((candidate) => candidate.id === message.id) ?? messages[0];
  }

  async stream(params: object): Promise<RawStream> {
    const message = this.#message("events/stream", params);
    const abort = new AbortController();
    const stream = new RawStream(message.id, () => abort.abort());
    const response = await this.#post(message, abort.signal);
    this.#streams.add(stream);
    void pump(response, (raw) => stream.push(raw))
      .catch(() => {})
      .then(() => {
        this.#streams.delete(stream);
        stream.end(undefined);
      });
    return stream;
  }

  async notify(method: string, params: object): Promise<void> {
    await (await this.#post({ jsonrpc: "2.0", method, params })).text();
  }

  onNotification(): never {
    throw new Error("notifications over HTTP come on a stream of their own");
  }

  async close(): Promise<void> {
    for (const stream of this.#streams) await stream.cancel();
    if (this.session === undefined) return;
    const response = await fetch(this.options.url, { method: "DELETE", headers: this.#headers({}) });
    await response.text();
  }

  #message(method: string, params: object) {
    const id = this.#nextId;
    this.#nextId += 1;
    const { dialect } = this.options;
    return { jsonrpc: "2.0", id, method, params: dialect === "modern" ? withEnvelope(params) : params };
  }

  #post(message: Raw, signal?: AbortSignal): Promise<Response> {
    return fetch(this.options.url, {
      method: "POST",
      headers: this.#headers(message),
      body: JSON.stringify(message),
      ...(signal !== undefined && { signal }),
    });
  }

  #headers(message: Raw): Record<string, string> {
    const { dialect, token } = this.options;
    const modern = dialect === "modern";
    return {
      "content-type": "application/json",
      accept: "application/json, text/event-stream",
      "mcp-protocol-version": modern ? MODERN_REVISION : LEGACY_REVISION,
      ...(modern && message.method !== undefined && { "mcp-method": message.method }),
      ...(modern && message.method === "tools/call" && { "mcp-name": message.params.name }),
      ...(this.session !== undefined && { "mcp-session-id": this.session }),
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
    };
  }
}

async function readAll(response: Response): Promise<Raw[]> {
  const messages: Raw[] = [];
  await pump(response, (message) => messages.push(message));
  return messages;
}

/** Reads a response's messages, whether it is JSON or SSE. */
async function pump(response: Response, onMessage: (message: Raw) => void): Promise<void> {
  if (!response.headers.get("content-type")?.includes("text/event-stream")) {
    const text = await response.text();
    if (text !== "") onMessage(JSON.parse(text));
    return;
  }
  for await (const message of readEvents(response)) onMessage(message);
}
