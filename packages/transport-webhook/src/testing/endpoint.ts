import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import { TEST_CERT, TEST_KEY } from "./tls-fixture";

/** A request as an endpoint saw it. */
export interface Seen {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** A web server on loopback that keeps what it is sent. */
export interface Endpoint {
  readonly port: number;
  /** `http://127.0.0.1:…` */
  readonly origin: string;
  readonly seen: Seen[];
  /** Connections that were ever made, that are open, the most at one time, and that were closed. */
  readonly connections: { made: number; open: number; most: number; closed: number };
  /** Names asked for by TLS clients. */
  readonly serverNames: string[];
  close(): Promise<void>;
}

/** Answers one request; by default 204. */
export type Answer = (request: Seen, response: ServerResponse, socket: Socket) => void;

const accept: Answer = (_request, response) => response.writeHead(204).end();

/** Where an endpoint is; by default at a free port of 127.0.0.1, without TLS. */
export interface EndpointOptions {
  readonly tls?: boolean;
  readonly host?: string;
  readonly port?: number;
}

/** Starts an endpoint on 127.0.0.1, or another loopback address. */
export async function startEndpoint(
  answer: Answer = accept,
  { tls = false, host = "127.0.0.1", port: wanted = 0 }: EndpointOptions = {},
): Promise<Endpoint> {
  const seen: Seen[] = [];
  const connections = { made: 0, open: 0, most: 0, closed: 0 };
  const serverNames: string[] = [];
  const sockets = new Set<Socket>();
  const handle = async (request: IncomingMessage, response: ServerResponse) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const { method = "", url: path = "", headers } = request;
    const one = { method, path, headers, body: Buffer.concat(chunks).toString() };
    seen.push(one);
    answer(one, response, request.socket);
  };
  const listener = (request: IncomingMessage, response: ServerResponse) => {
    handle(request, response).catch(() => response.destroy());
  };
  const server = tls ? createTlsServer({ key: TEST_KEY, cert: TEST_CERT }, listener) : createServer(listener);
  server.keepAliveTimeout = 60_000;
  server.on("secureConnection", (socket) => serverNames.push(String(socket.servername)));
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    connections.made += 1;
    connections.open += 1;
    connections.most = Math.max(connections.most, connections.open);
    socket.on("error", () => {});
    socket.on("close", () => {
      connections.open -= 1;
      connections.closed += 1;
      sockets.delete(socket);
    });
  });
  await new Promise<void>((resolve) => server.listen(wanted, host, resolve));
  const { port } = server.address() as AddressInfo;
  const shown = host.includes(":") ? `[${host}]` : host;
  return {
    port,
    origin: `${tls ? "https" : "http"}://${shown}:${port}`,
    seen,
    connections,
    serverNames,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}
