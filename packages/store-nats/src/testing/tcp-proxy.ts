import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";

/** A way between two processes that a test can cut. */
export interface TcpProxy {
  readonly port: number;
  /** Nothing goes through any more, and nobody is told: as when a cable is pulled. */
  partition(): void;
  /** All goes through again; connections from before the partition are gone. */
  heal(): void;
  close(): Promise<void>;
}

/** Passes connections of loopback on to another port of it. */
export async function tcpProxy(target: number): Promise<TcpProxy> {
  const sockets = new Set<Socket>();
  let isCut = false;
  const keep = (socket: Socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => {});
  };
  const server = createServer((incoming) => {
    keep(incoming);
    if (isCut) return;
    const outgoing = connect(target, "127.0.0.1");
    keep(outgoing);
    incoming.pipe(outgoing).pipe(incoming);
    incoming.on("close", () => outgoing.destroy());
    outgoing.on("close", () => incoming.destroy());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  return {
    port,
    partition() {
      isCut = true;
      for (const socket of sockets) socket.unpipe().pause();
    },
    heal() {
      isCut = false;
      for (const socket of sockets) socket.destroy();
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}
