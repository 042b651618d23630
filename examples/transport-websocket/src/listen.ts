import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { WebSocketServer } from "ws";
import { SUBPROTOCOL, WebSocketTransport } from "./transport";

/** Where to listen, and to whom. */
export interface ListenOptions {
  /** Default 127.0.0.1. */
  readonly host?: string;
  /** Default 0: any free one. */
  readonly port?: number;
  /** Origins of web pages that may connect; default none, since a browser connects any page to any port. */
  readonly origins?: readonly string[];
}

/** A listening server. */
export interface Listening {
  readonly url: string;
  /** Closes every connection and stops listening. */
  close(): Promise<void>;
}

/** Listens for MCP clients; `connect` is given the server's end of each connection, to connect an MCP server to. */
export async function listen(
  options: ListenOptions,
  connect: (transport: WebSocketTransport) => Promise<void>,
): Promise<Listening> {
  const { host = "127.0.0.1", port = 0, origins = [] } = options;
  const server = new WebSocketServer({
    host,
    port,
    handleProtocols: (offered) => offered.has(SUBPROTOCOL) && SUBPROTOCOL,
    verifyClient: ({ origin }: { origin?: string }) => origin === undefined || origins.includes(origin),
  });
  await once(server, "listening");
  const open = new Set<WebSocketTransport>();
  server.on("connection", (socket) => {
    const transport = new WebSocketTransport(socket);
    open.add(transport);
    socket.once("close", () => open.delete(transport));
    connect(transport).catch(() => transport.close());
  });
  return {
    url: `ws://${host}:${(server.address() as AddressInfo).port}`,
    async close() {
      const stopped = new Promise<void>((resolve) => server.close(() => resolve()));
      await Promise.all([...open].map((transport) => transport.close()));
      await stopped;
    },
  };
}
