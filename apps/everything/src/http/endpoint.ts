import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { type Logger, WELL_KNOWN } from "@mcp-events/protocol";
import { readBody } from "./body";
import { admitLoopback, preflight } from "./loopback";
import { refuse } from "./respond";
import { callerOf, type TokenInfo } from "./tokens";

/** Path of the MCP endpoint. */
export const MCP_PATH = "/mcp";

const METHODS = ["POST", "GET", "DELETE", "OPTIONS"];

/** A request that was let in; `auth` is where both SDK lines look for it. */
export type AdmittedRequest = IncomingMessage & { auth?: TokenInfo };

/** A request that was let in, with its body read. */
export interface Exchange {
  readonly req: AdmittedRequest;
  readonly res: ServerResponse;
  /** The parsed JSON of a POST. */
  readonly body: unknown;
  readonly principal: string | null;
}

/** The part of the endpoint that an SDK line plays. */
export interface McpService {
  serve(exchange: Exchange): Promise<void>;
  /** How many sessions are open. */
  sessions(): number;
  /** Ends what is still open. */
  close(): Promise<void>;
}

/** Serves a request that was let in. */
export type Admitted = (req: AdmittedRequest, res: ServerResponse, body: unknown) => Promise<void>;

/**
 * The HTTP endpoint in front of an SDK line: who may come in, from where, and as whom.
 *
 * @param jwks - Serves the keys that webhooks are signed with (HOOK-16).
 */
export function endpoint(serve: Admitted, logger: Logger, jwks: RequestListener): RequestListener {
  return (req, res) => {
    if (req.url === WELL_KNOWN.jwks) return jwks(req, res);
    admit(req, res, serve).catch((error: unknown) => {
      logger.error("an HTTP exchange failed", { method: req.method, error });
      if (res.headersSent) res.destroy();
      else refuse(res, 500, "Internal error", { code: -32603 });
    });
  };
}

async function admit(req: IncomingMessage, res: ServerResponse, serve: Admitted): Promise<void> {
  if (!admitLoopback(req, res)) return;
  if (req.url?.split("?")[0] !== MCP_PATH)
    return refuse(res, 404, `nothing here; the MCP endpoint is ${MCP_PATH}`);
  if (!METHODS.includes(req.method ?? "")) {
    return refuse(res, 405, `${req.method} is not served here`, { headers: { allow: METHODS.join(", ") } });
  }
  if (req.method === "OPTIONS") return preflight(req, res);

  const caller = callerOf(req.headers.authorization);
  if (caller.kind === "refused") return unauthorized(res, caller.reason);
  const body = await readBody(req);
  if (body.kind === "invalid") return refuse(res, 400, "Parse error: the body is not JSON", { code: -32700 });
  if (body.kind === "too-large") {
    return refuse(res, 413, "the body is too large", { headers: { connection: "close" } });
  }
  if (caller.kind === "principal") Object.assign(req, { auth: caller.info });
  await serve(req, res, body.kind === "json" ? body.value : undefined);
}

function unauthorized(res: ServerResponse, reason: string): void {
  refuse(res, 401, reason, {
    headers: {
      "www-authenticate": `Bearer realm="mcp-events-everything", error="invalid_token", error_description="${reason}"`,
    },
  });
}
