import type { EventHost } from "@mcp-events/protocol";
import type { Server } from "@modelcontextprotocol/sdk/server/index.js";
import type { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { bindServer } from "./binding/bind-server";
import type { BindServerOptions } from "./binding/options";

/**
 * {@link bindServer} for `@modelcontextprotocol/sdk`, with that SDK's own types.
 *
 * @param mcpServer - Not yet connected.
 * @throws EventsError `attach_failed` when it is connected already.
 */
export function sdkV1Host(mcpServer: McpServer | Server, options?: BindServerOptions): EventHost {
  return bindServer(mcpServer, options);
}
