import type { Wire } from "../../kit/expect";
import { within } from "../../kit/within";
import type { Style } from "../target";
import type { Connection } from "./connection";
import { answerIn, readMessages } from "./http-body";
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
  /** What requests name in their header; with a session it is agreed on first. */
  #revision: string | undefined;
  #nextId = 0;
  readonly #open = new Set<AbortController>();

  constructor(
    readonly style: Style,
    private readonly options: HttpOptions,
  ) {
    if (style === "modern") this.#revision = REVISIONS.modern;
  }

  /** Greets the server; the whole response. */
  async open(): Promise<Wire> {
    const modern = this.style === "modern";
    const message = request(
      this.style,
      "open",
      modern ? "server/discover" : "initialize",
      modern ? {} : INITIALIZE,
    );
    const answer = await this.#exchange(message);
    this.opened = answer.result;
    if (!modern && this.opened !== undefined) {
      this.#revision = this.opened.protocolVersion ?? REVISIONS.session;
      await this.#exchange({ jsonrpc: "2.0", method: "notifications/initialized" });
    }
    return answer;
  }

  async request(method: string, params: Wire = {}): Promise<Wire> {
    return this.#exchange(request(this.style, this.#id(), method, params));
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
    const signal = AbortSignal.timeout(this.options.patienceMs);
    const response = await fetch(this.options.url, { method: "DELETE", headers: this.#headers({}), signal });
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

  /** Posts a message; its answer, which need not be the last thing that the server sends. */
  async #exchange(message: Wire): Promise<Wire> {
    const abort = new AbortController();
    this.#open.add(abort);
    const answered = async () => {
      const response = await this.#post(message, abort.signal);
      this.#session ??= response.headers.get("mcp-session-id") ?? undefined;
      return answerIn(response, message.id, () => this.#open.delete(abort));
    };
    return within(answered(), this.options.patienceMs, `an answer to ${message.method}`);
  }

  #id(): number {
    this.#nextId += 1;
    return this.#nextId - 1;
  }

  #post(message: Wire, signal: AbortSignal): Promise<Response> {
    const body = JSON.stringify(message);
    return fetch(this.options.url, { method: "POST", headers: this.#headers(message), body, signal });
  }

  #headers(message: Wire): Record<string, string> {
    const modern = this.style === "modern";
    return {
      ...this.options.headers,
      "content-type": "application/json",
      accept: "application/json, text/event-stream",
      ...(this.#revision !== undefined && { "mcp-protocol-version": this.#revision }),
      ...(modern && message.method !== undefined && { "mcp-method": message.method }),
      ...(modern && message.method === "tools/call" && { "mcp-name": message.params.name }),
      ...(this.#session !== undefined && { "mcp-session-id": this.#session }),
    };
  }
}
