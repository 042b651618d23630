import { createServer, type RequestListener } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";

/** A server of Node's on the own machine. */
export interface NodeServer {
  readonly origin: string;
  /** Opens a connection by hand. */
  connect(): Socket;
  close(): Promise<void>;
}

export async function startServer(listener: RequestListener): Promise<NodeServer> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://127.0.0.1:${port}`,
    connect: () => connect(port, "127.0.0.1"),
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
