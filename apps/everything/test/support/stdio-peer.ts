import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { INITIALIZE, type Peer, type Raw, RawStream, withEnvelope } from "./json-rpc";

/** A client of the fixture over a pair of pipes, without any SDK. */
export async function stdioPeer(
  pipes: { readonly input: Readable; readonly output: Writable },
  dialect: "modern" | "session",
): Promise<Peer> {
  const peer = new StdioPeer(pipes.input, pipes.output, dialect);
  if (dialect === "session") await peer.initialize();
  return peer;
}

class StdioPeer implements Peer {
  opened: Raw;
  readonly session = undefined;
  readonly #listeners = new Map<string, (message: Raw) => void>();
  #nextId = 0;
  readonly #waiting = new Map<number, (response: Raw) => void>();
  readonly #streams = new Map<number, RawStream>();

  constructor(
    input: Readable,
    private readonly output: Writable,
    private readonly dialect: "modern" | "session",
  ) {
    createInterface({ input }).on("line", (line) => this.#receive(JSON.parse(line)));
  }

  async initialize(): Promise<void> {
    this.opened = (await this.request("initialize", INITIALIZE)).result;
    this.#send({ jsonrpc: "2.0", method: "notifications/initialized" });
  }

  request(method: string, params: object = {}): Promise<Raw> {
    return new Promise((resolve) => {
      const message = this.#message(method, params);
      this.#waiting.set(message.id, resolve);
      this.#send(message);
    });
  }

  async stream(params: object): Promise<RawStream> {
    const message = this.#message("events/stream", params);
    const stream = new RawStream(message.id, () =>
      this.#send({
        jsonrpc: "2.0",
        method: "notifications/cancelled",
        params:
          this.dialect === "modern" ? withEnvelope({ requestId: message.id }) : { requestId: message.id },
      }),
    );
    this.#streams.set(message.id, stream);
    this.#send(message);
    return stream;
  }

  async notify(method: string, params: object): Promise<void> {
    this.#send({ jsonrpc: "2.0", method, params });
  }

  onNotification(method: string, fn: (message: Raw) => void): void {
    this.#listeners.set(method, fn);
  }

  async close(): Promise<void> {
    this.output.end();
  }

  #receive(message: Raw): void {
    const streamId = message.params?._meta?.["io.modelcontextprotocol/subscriptionId"];
    const stream = this.#streams.get(message.id ?? streamId);
    if (stream !== undefined) {
      stream.push(message);
      return;
    }
    if (message.id === undefined) this.#listeners.get(message.method)?.(message);
    this.#waiting.get(message.id)?.(message);
    this.#waiting.delete(message.id);
  }

  #message(method: string, params: object) {
    const id = this.#nextId;
    this.#nextId += 1;
    const modern = this.dialect === "modern";
    return { jsonrpc: "2.0", id, method, params: modern ? withEnvelope(params) : params };
  }

  #send(message: object): void {
    this.output.write(`${JSON.stringify(message)}\n`);
  }
}
