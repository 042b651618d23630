import { randomUUID } from "node:crypto";
import { NodeStreamableHTTPServerTransport, toNodeHandler, toWebRequest } from "@modelcontextprotocol/node";
import { createMcpHandler, isLegacyRequest } from "@modelcontextprotocol/server";
import type { Fixture } from "../fixture";
import { mcpServerV2 } from "../mcp-server-v2";
import { isInitialize, MAX_BODY_BYTES } from "./body";
import type { Exchange, McpService } from "./endpoint";
import { KEEP_ALIVE_MS } from "./keep-alive";
import { handle, refuseSession, serveSession, sessionId } from "./session-routing";
import { Sessions } from "./sessions";

/**
 * Streamable HTTP with the v2 SDK: revision 2026-07-28 without sessions; a client of an older revision gets a session
 * when it initialises, and is served request by request when it does not.
 */
export function serviceV2(fixture: Fixture): McpService {
  const sessions = new Sessions();
  const { logger } = fixture;
  const onerror = (error: Error) =>
    logger.info("the SDK refused or failed a request", { error: error.message });
  const handler = createMcpHandler(() => mcpServerV2(fixture), {
    keepAliveMs: KEEP_ALIVE_MS,
    maxRequestBodySize: MAX_BODY_BYTES,
    onerror,
  });
  const withoutSession = toNodeHandler(handler, { maxRequestBodySize: MAX_BODY_BYTES, onerror });

  async function openSession(exchange: Exchange): Promise<void> {
    if (!(await sessions.makeRoom())) return refuseSession(exchange.res);
    const transport = new NodeStreamableHTTPServerTransport({
      sessionIdGenerator: randomUUID,
      keepAliveMs: KEEP_ALIVE_MS,
      onsessioninitialized: (id) => {
        sessions.add(id, transport, exchange.principal);
        sessions.hold(id, exchange.res);
      },
      onsessionclosed: (id) => sessions.remove(id),
    });
    await mcpServerV2(fixture).connect(transport);
    await handle(transport, exchange);
    if (transport.sessionId === undefined) await transport.close();
  }

  return {
    sessions: () => sessions.size,
    async serve(exchange) {
      const id = sessionId(exchange);
      if (id !== undefined) return serveSession(exchange, id, sessions);
      if (await opensSession(exchange)) return openSession(exchange);
      const { req, res, body } = exchange;
      await withoutSession(likeNode(req), res as Parameters<typeof withoutSession>[1], body);
    },
    async close() {
      await Promise.all([sessions.closeAll(), handler.close()]);
    },
  };
}

/** An `initialize` of a revision that has sessions. */
async function opensSession({ req, body }: Exchange): Promise<boolean> {
  if (!isInitialize(body)) return false;
  return isLegacyRequest(await toWebRequest(likeNode(req), body), body);
}

/** The SDK's own type misses Node's under exactOptionalPropertyTypes. */
function likeNode(req: Exchange["req"]): Parameters<typeof toWebRequest>[0] {
  return req as Parameters<typeof toWebRequest>[0];
}
