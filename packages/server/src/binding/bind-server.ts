import { type EventHost, EventsError } from "@mcp-events/protocol";
import type { SdkServer } from "./connection";
import { type BindServerOptions, bindSettings } from "./options";
import { v1Host } from "./v1-host";
import { v2Host } from "./v2-host";

/** An `McpServer` of either SDK line, or the `Server` inside it, as far as it is used here. */
export interface McpServerLike {
  // biome-ignore lint/suspicious/noExplicitAny: the two SDK lines type their transports differently
  connect(transport: any): Promise<void>;
  close(): Promise<void>;
}

/**
 * Makes an MCP server of `@modelcontextprotocol/sdk` or `@modelcontextprotocol/server` host events. The line is
 * recognised by its shape, so neither SDK is imported.
 *
 * @param mcpServer - `McpServer` or `Server`, not yet connected.
 * @throws EventsError `attach_failed` when it is neither, or when it is connected already.
 */
export function bindServer(mcpServer: McpServerLike, options: BindServerOptions = {}): EventHost {
  const server = sdkServer(mcpServer);
  const settings = bindSettings(options);
  return typeof server.getNegotiatedProtocolVersion === "function"
    ? v2Host(server, settings)
    : v1Host(server, settings);
}

/** The `Server` inside an `McpServer`, or the server itself, checked. */
function sdkServer(mcpServer: McpServerLike): SdkServer {
  const inner = (mcpServer as { server?: unknown }).server ?? mcpServer;
  const server = inner as Partial<SdkServer>;
  const complete =
    typeof server.setRequestHandler === "function" &&
    typeof server.registerCapabilities === "function" &&
    typeof server.notification === "function" &&
    typeof server.connect === "function";
  if (!complete) throw new EventsError("attach_failed", "Not an MCP server of a known SDK");
  if (server.transport !== undefined) {
    throw new EventsError("attach_failed", "Attach events before the MCP server connects");
  }
  return server as SdkServer;
}
