import type { EventHost, ServerTransport } from "@mcp-events/protocol";
import { sdkV1Host } from "@mcp-events/server/sdk-v1";
import { sdkV2Host } from "@mcp-events/server/sdk-v2";
import { Client as ClientV2 } from "@modelcontextprotocol/client";
import { Client as ClientV1 } from "@modelcontextprotocol/sdk/client/index.js";
import { McpServer as McpServerV1 } from "@modelcontextprotocol/sdk/server/mcp.js";
import { McpServer as McpServerV2 } from "@modelcontextprotocol/server";

const INFO = { name: "suite", version: "1.0.0" };

/** Declares events as both forms that clients look for. */
const CAPABILITIES = {
  events: { listChanged: true },
  extensions: { "io.modelcontextprotocol/events": { listChanged: true } },
};

/** A server of `@modelcontextprotocol/sdk` with its host. */
export function serverV1(transports: readonly ServerTransport[] = []): {
  server: McpServerV1;
  host: EventHost;
} {
  const server = new McpServerV1(INFO);
  const host = sdkV1Host(server, { transports });
  host.addCapabilities(CAPABILITIES);
  return { server, host };
}

/** A server of `@modelcontextprotocol/server` with its host. */
export function serverV2(transports: readonly ServerTransport[] = []): {
  server: McpServerV2;
  host: EventHost;
} {
  const server = new McpServerV2(INFO);
  const host = sdkV2Host(server, { transports });
  host.addCapabilities(CAPABILITIES);
  return { server, host };
}

/** A client of `@modelcontextprotocol/sdk`. */
export function clientV1(): ClientV1 {
  return new ClientV1(INFO);
}

/** A client of `@modelcontextprotocol/client` that takes the newest revision the server has. */
export function clientV2(): ClientV2 {
  return new ClientV2(INFO, { versionNegotiation: { mode: "auto" } });
}

/** Number of entries in the maps and sets that an SDK object holds, by the names given. */
export function entriesOf(holder: object, names: readonly string[]): number {
  const fields = holder as Record<string, { size?: number } | undefined>;
  return names.reduce((sum, name) => sum + (fields[name]?.size ?? 0), 0);
}
