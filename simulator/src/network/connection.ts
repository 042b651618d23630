import {
  BoundedQueue,
  type ClientStream,
  type EventConnection,
  EventsError,
  type JsonObject,
  METHODS,
  type Message,
  serverCapabilities,
  WireError,
} from "@mcp-events/protocol";
import type { ProcessClock } from "../kernel/process-clock";
import { showBody } from "../kernel/show";
import type { World } from "../kernel/world";
import type { Carrier } from "./carrier";
import type { IncomingRequest, SimHost } from "./sim-host";
import { SimStream } from "./sim-stream";

/** Where requests go: whatever server process listens there at the time. */
export interface ServerAddress {
  readonly listening: { readonly host: SimHost; readonly died: AbortSignal } | undefined;
}

/** What a connection is made of. */
export interface ConnectionParts {
  readonly world: World;
  readonly name: string;
  readonly carrier: Carrier;
  readonly server: ServerAddress;
  readonly principal: string;
  /** The client's process. */
  readonly clock: ProcessClock;
  /** Sees each message of a stream as the server writes it. */
  readonly watchStream: (params: JsonObject) => (message: Message) => void;
}

const clone = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;

/** One client's connection over the faulty network. */
export class SimConnection implements EventConnection {
  readonly #closed = new AbortController();
  readonly streams = new Set<SimStream>();
  /** Cancels what is under way at the server. */
  readonly #underWay = new Set<() => void>();

  constructor(readonly parts: ConnectionParts) {}

  get closed(): AbortSignal {
    return this.#closed.signal;
  }

  async serverCapabilities(): Promise<JsonObject | undefined> {
    return serverCapabilities({ listChanged: true });
  }

  onNotification(): () => void {
    return () => {};
  }

  request(
    method: string,
    params: JsonObject,
    { signal, timeoutMs = 60_000 }: { signal?: AbortSignal | undefined; timeoutMs?: number | undefined } = {},
  ): Promise<JsonObject> {
    const { world, carrier, clock, name } = this.parts;
    const { control } = world;
    const asked = control?.request?.(method, clone(params)) ?? clone(params);
    return new Promise((resolve, reject) => {
      const exchange = new AbortController();
      let isOver = false;
      const end = (settle: () => void) => {
        if (isOver) return;
        isOver = true;
        stopTimer();
        signal?.removeEventListener("abort", onAbort);
        this.#closed.signal.removeEventListener("abort", onClosed);
        if (clock.alive) settle();
      };
      const cancel = () => carrier.toServer("a cancellation", () => exchange.abort());
      const onAbort = () => {
        end(() => reject(new EventsError("closed", "the request was aborted")));
        cancel();
      };
      const onClosed = () => end(() => reject(broken("the connection is closed")));
      const stopTimer = clock.after(timeoutMs, () => {
        world.fault("request timed out", () => `${name} ${method}`);
        end(() => reject(new EventsError("timed_out", `${method} timed out`, { retryable: true })));
        cancel();
      });
      if (signal?.aborted) return onAbort();
      if (this.#closed.signal.aborted) return onClosed();
      signal?.addEventListener("abort", onAbort, { once: true });
      this.#closed.signal.addEventListener("abort", onClosed, { once: true });
      const answered = (settle: () => void) => carrier.toClient(`answer to ${method}`, () => end(settle));
      const request = { method, params: asked, signal: exchange.signal };
      carrier.toServer(method, () => {
        world.tell(() => `${name} asks ${method} ${showBody(params)}`);
        this.#ask(request, exchange).then(
          (own) => {
            const result = control?.answer?.(method, clone(own), world) ?? own;
            world.tell(() => `${name} is answered ${method} ${showBody(result)}`);
            answered(() => resolve(clone(result)));
          },
          (error: unknown) => {
            world.tell(() => `${name} is refused ${method}: ${error}`);
            answered(() => reject(asReceived(error)));
          },
        );
      });
    });
  }

  openStream(
    params: JsonObject,
    options: { signal: AbortSignal; maxBuffered?: number | undefined },
  ): ClientStream {
    const overflow = () => new EventsError("stream_overflow", "the reader fell behind", { retryable: true });
    const queue = new BoundedQueue<Message>(options.maxBuffered ?? 1_000, overflow, () => stream.leave());
    const stream: SimStream = new SimStream(this, queue, this.parts.watchStream(params));
    this.streams.add(stream);
    if (options.signal.aborted || this.#closed.signal.aborted) stream.leave();
    else {
      options.signal.addEventListener("abort", () => stream.leave(), { once: true });
      const { control } = this.parts.world;
      const asked = control?.request?.(METHODS.stream, clone(params)) ?? clone(params);
      stream.open(asked, (request, open) => this.#ask(request, open));
    }
    return { messages: queue };
  }

  /** The connection broke, or its process is gone: everything under way ends on both sides. */
  close(): void {
    if (this.#closed.signal.aborted) return;
    this.#closed.abort();
    for (const stream of [...this.streams]) stream.cut();
    for (const cancel of [...this.#underWay]) cancel();
  }

  async #ask(request: Omit<IncomingRequest, "principal">, exchange: AbortController): Promise<JsonObject> {
    const { server, principal } = this.parts;
    const { listening } = server;
    if (listening === undefined || this.#closed.signal.aborted) throw broken("nobody listens");
    const cancel = () => exchange.abort();
    this.#underWay.add(cancel);
    try {
      return await untilDeath(listening.died, () => listening.host.call({ ...request, principal }));
    } finally {
      this.#underWay.delete(cancel);
    }
  }
}

/** What becomes of a call to a process that may end meanwhile. */
function untilDeath<T>(died: AbortSignal, call: () => Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const onDeath = () => reject(broken("the server is gone"));
    died.addEventListener("abort", onDeath, { once: true });
    call()
      .then(resolve, reject)
      .finally(() => died.removeEventListener("abort", onDeath));
  });
}

function asReceived(error: unknown): unknown {
  return WireError.is(error) ? WireError.fromWire(clone(error.toWire("sep-3415"))) : error;
}

function broken(message: string): EventsError {
  return new EventsError("transport_failed", message, { retryable: true });
}
