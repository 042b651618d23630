import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { DueFault, HttpFaultSchedule } from "./http-schedule";
import type { HttpFault } from "./profiles";

/** One client's connection and the one that the proxy opened for it. */
class Connection {
  readonly closed = new AbortController();
  #halvesClosed = 0;

  constructor(
    readonly client: Socket,
    readonly server: Socket,
  ) {
    for (const socket of [client, server]) {
      socket.setNoDelay(true);
      socket.on("error", () => this.cut());
      socket.on("close", () => {
        this.#halvesClosed += 1;
        if (!socket.readableEnded || this.#halvesClosed === 2) this.cut();
      });
    }
  }

  /** Ends both halves at once, without a farewell. */
  cut(): void {
    if (this.closed.signal.aborted) return;
    this.closed.abort();
    this.client.resetAndDestroy();
    this.server.resetAndDestroy();
  }
}

/** A TCP proxy on 127.0.0.1 that treats the bytes passing through as a bad network would. */
export class FaultProxy {
  /** Faults so far. */
  readonly tally: Record<HttpFault, number> = { delay: 0, stall: 0, cut: 0, hang: 0, outage: 0 };
  /** Connections so far. */
  connections = 0;
  readonly #server: Server;
  readonly #open = new Set<Connection>();
  #refuseUntil = 0;
  #armed = false;

  private constructor(
    private readonly targetPort: number,
    private readonly schedule: HttpFaultSchedule | null,
  ) {
    this.#server = createServer({ pauseOnConnect: true }, (client) => this.#accept(client));
  }

  /**
   * Starts a proxy; it carries everything until {@link arm} is called.
   *
   * @param targetPort - Port on 127.0.0.1 that it connects to.
   * @param schedule - What goes wrong; `null`: nothing does.
   * @param port - Where it listens; default 0: a free port.
   */
  static async listen(targetPort: number, schedule: HttpFaultSchedule | null, port = 0): Promise<FaultProxy> {
    const proxy = new FaultProxy(targetPort, schedule);
    proxy.#server.listen(port, "127.0.0.1");
    await once(proxy.#server, "listening");
    return proxy;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** From now on connections meet faults. */
  arm(): void {
    this.#armed = true;
  }

  /** Ends all connections and takes no more. */
  async close(): Promise<void> {
    const closed = once(this.#server, "close");
    this.#server.close();
    for (const connection of this.#open) connection.cut();
    await closed;
  }

  #accept(client: Socket): void {
    if (performance.now() < this.#refuseUntil) {
      client.resetAndDestroy();
      return;
    }
    this.connections += 1;
    const connection = new Connection(client, connect({ host: "127.0.0.1", port: this.targetPort }));
    this.#open.add(connection);
    connection.closed.signal.addEventListener("abort", () => this.#open.delete(connection), { once: true });
    void this.#pump(connection, client, connection.server);
    void this.#pump(connection, connection.server, client);
  }

  /** Carries one direction; it never rejects, a broken connection is cut. */
  async #pump(connection: Connection, source: Socket, sink: Socket): Promise<void> {
    try {
      for await (const chunk of source as AsyncIterable<Buffer>) {
        const due = this.#armed ? this.schedule?.advance(chunk.byteLength) : undefined;
        if (due !== undefined) await this.#inflict(connection, due, chunk, sink);
        if (connection.closed.signal.aborted) return;
        if (!sink.write(chunk)) await once(sink, "drain", { signal: connection.closed.signal });
      }
      sink.end();
    } catch {
      connection.cut();
    }
  }

  async #inflict(connection: Connection, due: DueFault, chunk: Buffer, sink: Socket): Promise<void> {
    this.tally[due.fault] += 1;
    const { signal } = connection.closed;
    switch (due.fault) {
      case "delay":
      case "stall":
        await sleep(due.ms, undefined, { signal });
        return;
      case "cut":
        await flush(sink, chunk.subarray(0, Math.floor(chunk.byteLength * due.share)));
        connection.cut();
        return;
      case "hang":
        connection.client.once("close", () => connection.cut());
        if (!signal.aborted && !connection.client.destroyed) await once(signal, "abort");
        return;
      case "outage":
        this.#refuseUntil = performance.now() + due.ms;
        for (const open of this.#open) open.cut();
    }
  }
}

/** Resolves when the bytes are with the operating system, or the socket is gone. */
function flush(sink: Socket, bytes: Buffer): Promise<void> {
  return new Promise((resolve) => {
    if (bytes.byteLength === 0 || sink.destroyed) return resolve();
    sink.once("close", resolve);
    sink.write(bytes, () => {
      sink.off("close", resolve);
      resolve();
    });
  });
}
