import type { EventHost } from "@mcp-events/protocol";
import type { McpServer, Server } from "@modelcontextprotocol/server";
import { bindServer } from "./binding/bind-server";
import type { BindServerOptions } from "./binding/options";

/**
 * {@link bindServer} for `@modelcontextprotocol/server`, with that SDK's own types.
 *
 * @param mcpServer - Not yet connected.
 * @throws EventsError `attach_failed` when it is connected already.
 */
export function sdkV2Host(mcpServer: McpServer | Server, options?: BindServerOptions): EventHost {
  return bindServer(mcpServer, options);
}
