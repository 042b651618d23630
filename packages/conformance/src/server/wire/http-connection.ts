import type { Wire } from "../../kit/expect";
import { within } from "../../kit/within";
import type { Style } from "../target";
import type { Connection } from "./connection";
import { readMessages } from "./http-body";
import { Incoming } from "./incoming";
import { INITIALIZE, REVISIONS, request } from "./messages";

/** How to reach a server over Streamable HTTP. */
export interface HttpOptions {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Longest wait for an answer, in milliseconds. */
  readonly patienceMs: number;
}

/** A client over Streamable HTTP, without any SDK. */
export class HttpConnection implements Connection {
  readonly carrier = "http";
  opened: Wire;
  #session: string | undefined;
  #nextId = 0;
  readonly #open = new Set<AbortController>();

  constructor(
    readonly style: Style,
    private readonly options: HttpOptions,
  ) {}

  /** Greets the server; the whole response. */
  async open(): Promise<Wire> {
    const method = this.style === "modern" ? "server/discover" : "initialize";
    const message = request(this.style, "open", method, this.style === "modern" ? {} : INITIALIZE);
    const response = await this.#post(message);
    this.#session = response.headers.get("mcp-session-id") ?? undefined;
    const answer = await this.#answer(message.id, response);
    this.opened = answer?.result;
    if (this.style === "session" && this.opened !== undefined) {
      await (await this.#post({ jsonrpc: "2.0", method: "notifications/initialized" })).text();
    }
    return answer;
  }

  async request(method: string, params: Wire = {}): Promise<Wire> {
    const message = request(this.style, this.#id(), method, params);
    const exchange = async () => this.#answer(message.id, await this.#post(message));
    return within(exchange(), this.options.patienceMs, `an answer to ${method}`);
  }

  async stream(method: string, params: Wire): Promise<Incoming> {
    const message = request(this.style, this.#id(), method, params);
    return this.#stream(message.id, (signal) => this.#post(message, signal));
  }

  async notifications(): Promise<Incoming> {
    if (this.style === "modern") {
      return this.stream("subscriptions/listen", { notifications: { eventsListChanged: true } });
    }
    return this.#stream("notifications", (signal) =>
      fetch(this.options.url, { headers: { ...this.#headers({}), accept: "text/event-stream" }, signal }),
    );
  }

  async close(): Promise<void> {
    for (const abort of this.#open) abort.abort();
    if (this.#session === undefined) return;
    const response = await fetch(this.options.url, { method: "DELETE", headers: this.#headers({}) });
    await response.text();
  }

  async #stream(id: number | string, open: (signal: AbortSignal) => Promise<Response>): Promise<Incoming> {
    const abort = new AbortController();
    this.#open.add(abort);
    const incoming = new Incoming(id, () => abort.abort());
    const response = await within(open(abort.signal), this.options.patienceMs, "the head of the answer");
    void readMessages(response, (message) => incoming.take(message))
      .catch(() => {})
      .then(() => {
        this.#open.delete(abort);
        incoming.end();
      });
    return incoming;
  }

  async #answer(id: number | string, response: Response): Promise<Wire> {
    const messages: Wire[] = [];
    await readMessages(response, (message) => messages.push(message));
    return messages.find((message) => message.id === id) ?? messages[0];
  }

  #id(): number {
    this.#nextId += 1;
    return this.#nextId - 1;
  }

  #post(message: Wire, signal?: AbortSignal): Promise<Response> {
    const init = { method: "POST", headers: this.#headers(message), body: JSON.stringify(message) };
    return fetch(this.options.url, signal === undefined ? init : { ...init, signal });
  }

  #headers(message: Wire): Record<string, string> {
    const modern = this.style === "modern";
    return {
      ...this.options.headers,
      "content-type": "application/json",
      accept: "application/json, text/event-stream",
      "mcp-protocol-version": REVISIONS[this.style],
      ...(modern && message.method !== undefined && { "mcp-method": message.method }),
      ...(modern && message.method === "tools/call" && { "mcp-name": message.params.name }),
      ...(this.#session !== undefined && { "mcp-session-id": this.#session }),
    };
  }
}
