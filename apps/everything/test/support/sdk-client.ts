import { createEventClient, type EventClient, type EventClientOptions } from "@mcp-events/client";
import { http } from "@mcp-events/transport-http";
import { stdio } from "@mcp-events/transport-stdio";
import { Client as ClientV2, StreamableHTTPClientTransport as HttpV2 } from "@modelcontextprotocol/client";
import { StdioClientTransport as StdioV2 } from "@modelcontextprotocol/client/stdio";
import { Client as ClientV1 } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport as StdioV1 } from "@modelcontextprotocol/sdk/client/stdio.js";
import { StreamableHTTPClientTransport as HttpV1 } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { onTestFinished } from "vitest";

/** The SDK clients that users have. `v2-modern` negotiates revision 2026-07-28. */
export const SDK_CLIENTS = ["v1", "v2", "v2-modern"] as const;

export type SdkClient = (typeof SDK_CLIENTS)[number];

/** How to reach a server: its URL, or the command that starts it. */
export type Target = { readonly url: string; readonly token?: string } | { readonly args: readonly string[] };

/** An SDK client connected to a server, and its events; both closed when the test ends. */
export async function sdkClient(line: SdkClient, target: Target, options: EventClientOptions = {}) {
  const mcp = newClient(line);
  // biome-ignore lint/suspicious/noExplicitAny: the two SDK lines type their transports differently
  await (mcp as any).connect(newTransport(line, target));
  const events: EventClient = createEventClient(mcp, {
    transports: [stdio(), http()],
    minPollMs: 20,
    backoff: { initialMs: 10, maxMs: 50 },
    ...options,
  });
  onTestFinished(async () => {
    await events.close();
    await mcp.close();
  });
  const callTool = async (name: string, args: Record<string, unknown>) => {
    const result = await mcp.callTool({ name, arguments: args });
    if (result.isError) throw new Error(JSON.stringify(result.content));
    return result.structuredContent as Record<string, unknown>;
  };
  return { events, mcp, callTool };
}

function newClient(line: SdkClient) {
  const info = { name: "everything-test", version: "1" };
  if (line === "v1") return new ClientV1(info);
  return new ClientV2(info, line === "v2-modern" ? { versionNegotiation: { mode: "auto" } } : {});
}

function newTransport(line: SdkClient, target: Target) {
  if ("args" in target) {
    const server = { command: process.execPath, args: [...target.args], stderr: "ignore" as const };
    return line === "v1" ? new StdioV1(server) : new StdioV2(server);
  }
  const headers: Record<string, string> =
    target.token === undefined ? {} : { authorization: `Bearer ${target.token}` };
  const options = { requestInit: { headers } };
  const url = new URL(target.url);
  return line === "v1" ? new HttpV1(url, options) : new HttpV2(url, options);
}
