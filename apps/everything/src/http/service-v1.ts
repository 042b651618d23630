import { randomUUID } from "node:crypto";
import { StreamableHTTPServerTransport } from "@modelcontextprotocol/sdk/server/streamableHttp.js";
import type { Transport } from "@modelcontextprotocol/sdk/shared/transport.js";
import type { Fixture } from "../fixture";
import { mcpServerV1 } from "../mcp-server-v1";
import { isInitialize } from "./body";
import type { Exchange, McpService } from "./endpoint";
import { KEEP_ALIVE_MS } from "./keep-alive";
import { handle, refuseSession, serveSession, sessionId } from "./session-routing";
import { Sessions } from "./sessions";

/**
 * Streamable HTTP with the v1 SDK: a client that initialises gets a session, a request without a session is served by
 * itself.
 */
export function serviceV1(fixture: Fixture): McpService {
  const sessions = new Sessions();
  const alone = new Set<StreamableHTTPServerTransport>();

  async function openSession(exchange: Exchange): Promise<void> {
    if (!(await sessions.makeRoom())) return refuseSession(exchange.res);
    const transport = new StreamableHTTPServerTransport({
      sessionIdGenerator: randomUUID,
      keepAliveMs: KEEP_ALIVE_MS,
      onsessioninitialized: (id) => {
        sessions.add(id, transport, exchange.principal);
        sessions.hold(id, exchange.res);
      },
      onsessionclosed: (id) => sessions.remove(id),
    });
    await connect(transport);
    await handle(transport, exchange);
    if (transport.sessionId === undefined) await transport.close();
  }

  async function serveAlone(exchange: Exchange): Promise<void> {
    const transport = new StreamableHTTPServerTransport({ keepAliveMs: KEEP_ALIVE_MS });
    alone.add(transport);
    exchange.res.once("close", () => {
      alone.delete(transport);
      void transport.close();
    });
    await connect(transport);
    await handle(transport, exchange);
  }

  async function connect(transport: StreamableHTTPServerTransport): Promise<void> {
    // The SDK's own class misses its own interface under exactOptionalPropertyTypes.
    await mcpServerV1(fixture).connect(transport as Transport);
  }

  return {
    sessions: () => sessions.size,
    async serve(exchange) {
      const id = sessionId(exchange);
      if (id !== undefined) return serveSession(exchange, id, sessions);
      return isInitialize(exchange.body) ? openSession(exchange) : serveAlone(exchange);
    },
    async close() {
      await Promise.all([sessions.closeAll(), ...[...alone].map((transport) => transport.close())]);
    },
  };
}
