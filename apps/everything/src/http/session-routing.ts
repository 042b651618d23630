import type { ServerResponse } from "node:http";
import type { Exchange } from "./endpoint";
import { refuse } from "./respond";
import type { Sessions, SessionTransport } from "./sessions";

/** Session id in a request, of the revisions that have sessions. */
export function sessionId({ req }: Exchange): string | undefined {
  const header = req.headers["mcp-session-id"];
  return typeof header === "string" ? header : undefined;
}

/** Hands a request to the session it names; a client that names an unknown one is told to begin a new one (404). */
export async function serveSession(exchange: Exchange, id: string, sessions: Sessions): Promise<void> {
  const transport = sessions.find(id, exchange.principal);
  if (transport === undefined) return refuse(exchange.res, 404, "Session not found", { code: -32001 });
  sessions.hold(id, exchange.res);
  await handle(transport, exchange);
}

/** Hands an exchange to a transport, with the body that was read. */
export async function handle(transport: SessionTransport, { req, res, body }: Exchange): Promise<void> {
  await transport.handleRequest(req, res, body);
}

/** Says that no further session fits. */
export function refuseSession(res: ServerResponse): void {
  refuse(res, 503, "too many sessions are in use", { headers: { "retry-after": "10" } });
}
