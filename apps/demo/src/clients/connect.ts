import { bindClient } from "@mcp-events/client";
import type { EventConnection } from "@mcp-events/protocol";
import { http } from "@mcp-events/transport-http";
import { stdio } from "@mcp-events/transport-stdio";
import { Client as ClientV2, StreamableHTTPClientTransport as HttpV2 } from "@modelcontextprotocol/client";
import { Client as ClientV1 } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { StreamableHTTPClientTransport as HttpV1 } from "@modelcontextprotocol/sdk/client/streamableHttp.js";

/** Which MCP SDK a client uses: `@modelcontextprotocol/sdk` or `@modelcontextprotocol/client`. */
export type SdkLine = "v1" | "v2";

/** An MCP client that is connected. */
export interface ConnectedClient {
  readonly events: EventConnection;
  /** Calls a tool without arguments; the text of its answer. */
  callTool(name: string): Promise<string>;
  close(): Promise<void>;
}

/** How long one attempt to connect may take, in milliseconds. */
const CONNECT_MS = 5_000;

const INFO = { name: "mcp-events-demo", version: "0.1.0" };

/** Starts a server and connects to it over stdio, with the v1 SDK. */
export async function connectStdio(command: string, args: string[]): Promise<ConnectedClient> {
  const client = new ClientV1(INFO);
  const events = bindClient(client, { transports: [stdio()] });
  await client.connect(new StdioClientTransport({ command, args, stderr: "inherit" }));
  return { events, callTool: (name) => callTool(client, name), close: () => client.close() };
}

/**
 * Connects over Streamable HTTP.
 *
 * @param token - Says who the client is; webhooks need that.
 */
export async function connectHttp(sdk: SdkLine, url: URL, token?: string): Promise<ConnectedClient> {
  const client =
    sdk === "v1"
      ? new ClientV1(INFO)
      : new ClientV2(INFO, { versionNegotiation: { mode: { pin: "2026-07-28" } } });
  const events = bindClient(client, { transports: [http()] });
  const options = { timeout: CONNECT_MS };
  const requestInit: RequestInit =
    token === undefined ? {} : { headers: { authorization: `Bearer ${token}` } };
  if (client instanceof ClientV1)
    await client.connect(new HttpV1(url, { fetch: fetchOnce, requestInit }), options);
  else await client.connect(new HttpV2(url, { fetch: fetchOnce, requestInit }), options);
  return { events, callTool: (name) => callTool(client, name), close: () => client.close() };
}

async function callTool(client: ClientV1 | ClientV2, name: string): Promise<string> {
  const { content } = (await client.callTool({ name })) as { content: { type: string; text?: string }[] };
  return content[0]?.text ?? "";
}

/**
 * The SDKs give every request their transport's own signal, on which Node's fetch leaves a listener until the request is
 * collected; at dozens of polls a second that is more than Node lets pass without a warning.
 */
function fetchOnce(url: string | URL, init?: RequestInit): Promise<Response> {
  const { signal } = init ?? {};
  return fetch(url, { ...init, ...(signal && { signal: AbortSignal.any([signal]) }) });
}
