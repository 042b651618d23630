import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { SUBSCRIPTION_ID } from "@mcp-events/protocol";
import { Violation } from "../../kit/check";
import type { Wire } from "../../kit/expect";
import { within } from "../../kit/within";
import type { Style } from "../target";
import type { Connection } from "./connection";
import { Incoming } from "./incoming";
import { INITIALIZE, paramsFor, request } from "./messages";

/** The pipes of a server, from the client's side. */
export interface Pipes {
  readonly input: Readable;
  readonly output: Writable;
  /** Ends the server. */
  close(): Promise<void>;
}

/** A client on a pair of pipes, without any SDK. */
export class StdioConnection implements Connection {
  readonly carrier = "stdio";
  style: Style = "modern";
  opened: Wire;
  #nextId = 0;
  readonly #waiting = new Map<number | string, (response: Wire) => void>();
  readonly #streams = new Map<number | string, Incoming>();
  readonly #listeners = new Set<Incoming>();
  /** Rejects when the server ends. */
  readonly #gone: Promise<never>;

  constructor(
    private readonly pipes: Pipes,
    private readonly patienceMs: number,
  ) {
    const reader = createInterface({ input: pipes.input });
    reader.on("line", (line) => this.#receive(line));
    // It repeats the errors of its input.
    reader.on("error", () => {});
    pipes.output.on("error", () => {});
    this.#gone = new Promise((_, reject) => {
      const end = (reason: string) => {
        for (const stream of this.#streams.values()) stream.end();
        reject(new Violation(reason));
      };
      pipes.input.once("error", ({ message }) => end(message));
      pipes.input.once("close", () => end("the server ended"));
    });
    this.#gone.catch(() => {});
  }

  /** Greets the server; the whole response. */
  async open(style: Style): Promise<Wire> {
    this.style = style;
    const modern = style === "modern";
    const answer = await this.request(modern ? "server/discover" : "initialize", modern ? {} : INITIALIZE);
    this.opened = answer?.result;
    if (!modern && this.opened !== undefined)
      this.#send({ jsonrpc: "2.0", method: "notifications/initialized" });
    return answer;
  }

  request(method: string, params: Wire = {}): Promise<Wire> {
    const message = request(this.style, this.#id(), method, params);
    const answered = new Promise<Wire>((resolve) => this.#waiting.set(message.id, resolve));
    this.#send(message);
    return within(Promise.race([answered, this.#gone]), this.patienceMs, `an answer to ${method}`);
  }

  async stream(method: string, params: Wire): Promise<Incoming> {
    const message = request(this.style, this.#id(), method, params);
    const cancelled = paramsFor(this.style, { requestId: message.id });
    const stream = new Incoming(message.id, () =>
      this.#send({ jsonrpc: "2.0", method: "notifications/cancelled", params: cancelled }),
    );
    this.#streams.set(message.id, stream);
    this.#send(message);
    return stream;
  }

  async notifications(): Promise<Incoming> {
    if (this.style === "modern") {
      return this.stream("subscriptions/listen", { notifications: { eventsListChanged: true } });
    }
    const incoming: Incoming = new Incoming("notifications", () => this.#listeners.delete(incoming));
    this.#listeners.add(incoming);
    return incoming;
  }

  async close(): Promise<void> {
    this.pipes.output.end();
    await this.pipes.close();
  }

  #receive(line: string): void {
    const message = parse(line);
    if (message?.method !== undefined && message.id !== undefined) {
      this.#serve(message);
      return;
    }
    const id = message?.id ?? message?.params?._meta?.[SUBSCRIPTION_ID];
    const stream = this.#streams.get(id);
    if (stream !== undefined) stream.take(message);
    else if (message?.id !== undefined) this.#waiting.get(message.id)?.(message);
    else if (message !== undefined) for (const listener of this.#listeners) listener.take(message);
    this.#waiting.delete(id);
  }

  /** A request of the server; its ids are its own. */
  #serve({ id, method }: Wire): void {
    const unknown = { error: { code: -32601, message: "Method not found" } };
    this.#send({ jsonrpc: "2.0", id, ...(method === "ping" ? { result: {} } : unknown) });
  }

  #id(): number {
    this.#nextId += 1;
    return this.#nextId - 1;
  }

  #send(message: Wire): void {
    this.pipes.output.write(`${JSON.stringify(message)}\n`);
  }
}

function parse(line: string): Wire {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
