import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Fixture } from "../fixture";
import { type Admitted, endpoint, MCP_PATH } from "./endpoint";
import { serviceV1 } from "./service-v1";
import { serviceV2 } from "./service-v2";
import { principalIn } from "./tokens";

/** How long ended streams get to leave the process, in milliseconds. */
const FLUSH_MS = 1_000;

/** How long an idle connection is kept for the client's next request, in milliseconds. */
const KEEP_ALIVE_TIMEOUT_MS = 60_000;

/** A server that listens. */
export interface Listening {
  readonly url: string;
  /** Ends every exchange and stops listening. To be called after the event engine ended its streams. */
  close(): Promise<void>;
}

/**
 * Serves the fixture over Streamable HTTP on 127.0.0.1.
 *
 * @param port - 0 picks a free one.
 * @throws the error of `listen`, such as EADDRINUSE.
 */
export async function serveHttp(fixture: Fixture, port: number): Promise<Listening> {
  const service = fixture.sdk === "v1" ? serviceV1(fixture) : serviceV2(fixture);
  fixture.sessions = service.sessions;
  const serve: Admitted = (req, res, body) =>
    service.serve({ req, res, body, principal: principalIn(req.auth) });
  const { jwksHandler } = fixture.webhookTransport;
  const server = createServer(endpoint(fixture.httpTransport.wrap(serve), fixture.logger, jwksHandler));
  server.keepAliveTimeout = KEEP_ALIVE_TIMEOUT_MS;
  await listen(server, port);
  const { port: actual } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${actual}${MCP_PATH}`,
    async close() {
      const stopped = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeIdleConnections();
      const flush = setTimeout(() => server.closeAllConnections(), FLUSH_MS);
      fixture.httpTransport.close();
      await service.close();
      server.closeIdleConnections();
      await stopped;
      clearTimeout(flush);
    },
  };
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => {
      server.off("error", reject);
      resolve();
    });
  });
}
