import type { EventConnection } from "@mcp-events/protocol";
import { bindClient } from "./binding/bind-client";
import type { McpClientLike } from "./binding/sdk-client";
import { ConnectedEventClient, type EventClient } from "./event-client";
import { CLIENT_DEFAULTS, clientSettings, type EventClientOptions } from "./options";

/**
 * Makes an event client of an MCP client of either SDK line, or of an {@link EventConnection}. Make it before the MCP
 * client connects where you can, so that it declares that it understands events (CAP-3).
 *
 * @throws EventsError `option_invalid` naming the field; `attach_failed` when it is not an MCP client.
 */
export function createEventClient(
  mcpClient: McpClientLike | EventConnection,
  options: EventClientOptions = {},
): EventClient {
  const settings = clientSettings(options);
  if (isConnection(mcpClient)) {
    return new ConnectedEventClient(mcpClient, settings, () => options.server ?? CLIENT_DEFAULTS.server);
  }
  const connection = bindClient(mcpClient, {
    transports: options.transports,
    maxBuffered: settings.maxBuffered,
    clock: settings.clock,
  });
  const named = mcpClient as { getServerVersion?: () => { name?: string } | undefined };
  const serverName = () => options.server ?? named.getServerVersion?.()?.name ?? CLIENT_DEFAULTS.server;
  return new ConnectedEventClient(connection, settings, serverName);
}

function isConnection(value: McpClientLike | EventConnection): value is EventConnection {
  return "openStream" in value && "serverCapabilities" in value;
}
