import { EVENTS_EXTENSION } from "@mcp-events/protocol";
import type { Wire } from "../../kit/expect";
import type { Style } from "../target";

/** The revisions the server is spoken to in. */
export const REVISIONS: Readonly<Record<Style, string>> = { modern: "2026-07-28", session: "2025-11-25" };

const CLIENT = { name: "mcp-events-conformance", version: "0.0.0" };
const CAPABILITIES = { extensions: { [EVENTS_EXTENSION]: {} } };

/** Parameters of `initialize`. */
export const INITIALIZE = {
  protocolVersion: REVISIONS.session,
  capabilities: CAPABILITIES,
  clientInfo: CLIENT,
};

/** Parameters as the revision wants them: since 2026-07-28 each request names the revision, the client and what it can do (CAP-3). */
export function paramsFor(style: Style, params: Wire): Wire {
  if (style === "session") return params;
  return {
    ...params,
    _meta: {
      "io.modelcontextprotocol/protocolVersion": REVISIONS.modern,
      "io.modelcontextprotocol/clientInfo": CLIENT,
      "io.modelcontextprotocol/clientCapabilities": CAPABILITIES,
      ...params._meta,
    },
  };
}

/** A JSON-RPC request. */
export function request(style: Style, id: number | string, method: string, params: Wire): Wire {
  return { jsonrpc: "2.0", id, method, params: paramsFor(style, params) };
}
