import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { toNodeHandler } from "@modelcontextprotocol/node";
import { StreamableHTTPServerTransport } from "@modelcontextprotocol/sdk/server/streamableHttp.js";
import { createMcpHandler } from "@modelcontextprotocol/server";
import { bareServers, engineServers, type ServerFactory } from "./mcp-server";
import { rawHttp } from "./raw";

type Handler = (req: IncomingMessage, res: ServerResponse) => unknown;

/** Serves every path over HTTP, each with events of its own, and writes the port to stdout. */
export function serveHttp(): void {
  const handlers: Record<string, Handler> = {
    "/engine-v1": sessions(engineServers()),
    "/engine-v2": modern(engineServers()),
    "/bare-v1": sessions(bareServers()),
    "/bare-v2": modern(bareServers()),
    "/raw": rawHttp(),
  };
  const server = createServer((req, res) => {
    const handle = handlers[req.url ?? ""];
    if (handle === undefined) res.writeHead(404).end();
    else void handle(req, res);
  });
  server.listen(0, "127.0.0.1", () => {
    process.stdout.write(`${(server.address() as AddressInfo).port}\n`);
  });
  process.stdin.once("close", () => process.exit()).resume();
}

function modern({ v2 }: ServerFactory): Handler {
  return toNodeHandler(createMcpHandler(v2)) as Handler;
}

function sessions({ v1 }: ServerFactory): Handler {
  const transports = new Map<string, StreamableHTTPServerTransport>();
  return async (req, res) => {
    const known = transports.get(String(req.headers["mcp-session-id"]));
    if (known !== undefined) return known.handleRequest(req, res);
    const transport = new StreamableHTTPServerTransport({
      sessionIdGenerator: randomUUID,
      onsessioninitialized: (id) => void transports.set(id, transport),
    });
    await v1().connect(transport as never);
    return transport.handleRequest(req, res);
  };
}
