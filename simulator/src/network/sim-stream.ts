import {
  type BoundedQueue,
  EventsError,
  type JsonObject,
  METHODS,
  type Message,
  type StreamChannel,
  WireError,
} from "@mcp-events/protocol";
import { showMessage } from "../kernel/show";
import type { SimConnection } from "./connection";
import type { Pipe } from "./pipe";
import type { IncomingRequest } from "./sim-host";

type Ask = (request: Omit<IncomingRequest, "principal">, exchange: AbortController) => Promise<JsonObject>;

/** After how long a server notices that nobody reads a stream any more, in milliseconds. */
const DEAD_PEER_MS = 2_500;

/** One `events/stream` on its way through the network. */
export class SimStream implements StreamChannel {
  readonly #exchange = new AbortController();
  readonly #pipe: Pipe;
  #isOver = false;
  #isSilent = false;
  readonly #forward: (message: Message) => void;

  constructor(
    private readonly connection: SimConnection,
    private readonly queue: BoundedQueue<Message>,
    private readonly watch: (message: Message) => void,
  ) {
    const { carrier, world } = connection.parts;
    this.#pipe = carrier.streamPipe();
    const forward = (message: Message) => this.#send(message);
    this.#forward = world.control?.stream?.(forward, world) ?? forward;
  }

  /** The server's signal. */
  get signal(): AbortSignal {
    return this.#exchange.signal;
  }

  /** Sends the request. */
  open(params: JsonObject, ask: Ask): void {
    const { carrier } = this.connection.parts;
    const request = { method: METHODS.stream, params, signal: this.signal, stream: () => this };
    carrier.toServer(METHODS.stream, () => {
      if (this.#isOver) return;
      ask(request, this.#exchange).then(
        () => this.#pipe.send(() => this.#end(() => this.queue.close())),
        (error: unknown) => this.#refused(error),
      );
    });
  }

  async write(messages: readonly Message[]): Promise<void> {
    const { world, name } = this.connection.parts;
    for (const message of messages) {
      if (this.signal.aborted) return;
      if (world.strikes("streamCut", "stream cut", () => name)) return this.cut();
      this.#forward(message);
      await this.#pipe.room(this.signal);
    }
  }

  release(): void {}

  /** It breaks: the client is told at once, the server a little later. */
  cut(): void {
    this.#end(() => this.queue.fail(new EventsError("stream_ended", "cut", { retryable: true })));
  }

  /** Nothing arrives any more, and neither side is told. */
  silence(): void {
    if (this.#isSilent || this.#isOver) return;
    this.#isSilent = true;
    if (this.connection.parts.carrier.kind === "http") this.#pipe.silence();
    this.connection.parts.world.loop.after(DEAD_PEER_MS, () => this.#exchange.abort());
  }

  stall(ms: number): void {
    this.#pipe.stall(ms);
  }

  /** The client leaves. */
  leave(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.connection.streams.delete(this);
    this.queue.close();
    const { carrier, world } = this.connection.parts;
    carrier.toServer("end of a stream", () => this.#exchange.abort());
    // A server whose peer is gone finds out, be the goodbye lost.
    world.loop.after(DEAD_PEER_MS, () => this.#exchange.abort());
  }

  #send(message: Message): void {
    const { world, name } = this.connection.parts;
    if (this.signal.aborted || this.#isOver) return;
    this.watch(message);
    world.tell(() => `server → ${name}: ${showMessage(message)}`);
    const text = JSON.stringify(message);
    this.#pipe.send(() => this.#arrive(JSON.parse(text) as Message));
  }

  #arrive(message: Message): void {
    if (this.#isOver || this.#isSilent || !this.connection.parts.clock.alive) return;
    if (!this.queue.push(message)) this.leave();
  }

  #refused(error: unknown): void {
    const reason = WireError.is(error) ? WireError.fromWire(error.toWire("sep-3415")) : error;
    const ended = () =>
      WireError.is(reason) ? reason : new EventsError("stream_ended", String(reason), { retryable: true });
    this.#pipe.send(() => this.#end(() => this.queue.fail(ended())));
  }

  #end(end: () => void): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.connection.streams.delete(this);
    if (this.connection.parts.carrier.kind === "http") this.#pipe.cut();
    const { loop, random } = this.connection.parts.world;
    loop.after(random.between(1, 30), () => this.#exchange.abort());
    if (this.connection.parts.clock.alive) end();
  }
}
