import { type SharedHost, sharedHost } from "@mcp-events/conformance/transport";
import { NodeStreamableHTTPServerTransport, toNodeHandler } from "@modelcontextprotocol/node";
import { StreamableHTTPServerTransport } from "@modelcontextprotocol/sdk/server/streamableHttp.js";
import { WebStandardStreamableHTTPServerTransport } from "@modelcontextprotocol/sdk/server/webStandardStreamableHttp.js";
import { createMcpHandler } from "@modelcontextprotocol/server";
import { serverV1, serverV2 } from "../../../conformance/src/testing/sdks";
import type { HttpTransport } from "../index";
import { type Handler, Sessions } from "./http-server";
import type { RawMode } from "./raw-stream";

/** A server under test: its handler, and what it holds. */
export interface Served {
  readonly handler: Handler;
  /** How a raw client speaks to it. */
  readonly raw: RawMode;
  held(): number;
  close(): Promise<void>;
}

/** Builds one kind of server whose MCP servers attach to `shared`. */
export type Serve = (shared: SharedHost, adapter: HttpTransport) => Served;

/** The SDK types Node's objects by what it uses of them. */
const nodeHandler = (handler: Parameters<typeof toNodeHandler>[0]) => toNodeHandler(handler) as Handler;

const attached = (shared: SharedHost) => () => shared.attached;

function v1(shared: SharedHost, adapter: HttpTransport) {
  const { server, host } = serverV1([adapter]);
  shared.attach(host);
  return server;
}

function v2(shared: SharedHost, adapter: HttpTransport) {
  const { server, host } = serverV2([adapter]);
  shared.attach(host);
  return server;
}

export const SERVERS: Readonly<Record<string, Serve>> = {
  "v1 stateless": (shared, adapter) => ({
    raw: "stateless",
    // Nothing closes these servers: the adapter does when the response is over.
    async handler(req, res) {
      if (req.method === "GET") return res.writeHead(405).end();
      const transport = new StreamableHTTPServerTransport();
      await v1(shared, adapter).connect(transport as never);
      await transport.handleRequest(req, res);
    },
    held: attached(shared),
    async close() {},
  }),
  "v1 session": (shared, adapter) => {
    const sessions = new Sessions(async (options) => {
      const transport = new StreamableHTTPServerTransport(options);
      await v1(shared, adapter).connect(transport as never);
      return transport;
    });
    return {
      raw: "session",
      async handler(req, res) {
        const transport = await sessions.find(req.headers["mcp-session-id"] as string | undefined);
        await transport.handleRequest(req, res);
      },
      held: () => sessions.held,
      close: () => sessions.close(),
    };
  },
  "v1 web-standard session": (shared, adapter) => {
    const sessions = new Sessions(async (options) => {
      const transport = new WebStandardStreamableHTTPServerTransport(options);
      await v1(shared, adapter).connect(transport as never);
      return transport;
    });
    return {
      raw: "session",
      handler: nodeHandler({
        async fetch(request: Request) {
          const transport = await sessions.find(request.headers.get("mcp-session-id"));
          return transport.handleRequest(request);
        },
      }),
      held: () => sessions.held,
      close: () => sessions.close(),
    };
  },
  "v2 session": (shared, adapter) => {
    const sessions = new Sessions(async (options) => {
      const transport = new NodeStreamableHTTPServerTransport(options);
      await v2(shared, adapter).connect(transport);
      return transport;
    });
    return {
      raw: "session",
      async handler(req, res) {
        const transport = await sessions.find(req.headers["mcp-session-id"] as string | undefined);
        await transport.handleRequest(req, res);
      },
      held: () => sessions.held,
      close: () => sessions.close(),
    };
  },
  "v2 handler": (shared, adapter) => {
    const handler = createMcpHandler(() => v2(shared, adapter));
    return {
      raw: "modern",
      handler: nodeHandler(handler),
      held: attached(shared),
      close: () => handler.close(),
    };
  },
  "v2 handler, wrapped for Node": (shared, adapter) => {
    const handler = createMcpHandler(() => v2(shared, adapter));
    const node = adapter.wrap(nodeHandler(handler));
    return { raw: "modern", handler: node, held: attached(shared), close: () => handler.close() };
  },
  "v2 handler, wrapped": (shared, adapter) => {
    const handler = createMcpHandler(() => v2(shared, adapter));
    const node = nodeHandler(adapter.wrap(handler));
    return { raw: "modern", handler: node, held: attached(shared), close: () => handler.close() };
  },
};

export { sharedHost };
