import { WireError } from "@mcp-events/protocol";
import type { BindSettings } from "./options";

/**
 * The error to throw from an SDK's handler so that code, message and data go out as they are. A plain error: v1's
 * `McpError` would put "MCP error N:" before the message. Anything that is not a {@link WireError} is logged and
 * leaves as a bare internal error, so that nothing of the server's inside reaches a peer.
 */
export function toRpcError(error: unknown, settings: BindSettings, method: string): Error {
  if (!WireError.is(error)) settings.logger.error("events: a handler failed", { method, error });
  const wire = (WireError.is(error) ? error : new WireError("InternalError", "Internal error")).toWire(
    settings.profile,
  );
  return Object.assign(new Error(wire.message), {
    code: wire.code,
    ...(wire.data !== undefined && { data: wire.data }),
  });
}
