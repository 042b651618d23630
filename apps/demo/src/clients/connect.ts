import { bindClient } from "@mcp-events/client";
import type { EventConnection } from "@mcp-events/protocol";
import { http } from "@mcp-events/transport-http";
import { stdio } from "@mcp-events/transport-stdio";
import { Client as ClientV2, StreamableHTTPClientTransport as HttpV2 } from "@modelcontextprotocol/client";
import { StdioClientTransport as StdioV2 } from "@modelcontextprotocol/client/stdio";
import { Client as ClientV1 } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport as StdioV1 } from "@modelcontextprotocol/sdk/client/stdio.js";
import { StreamableHTTPClientTransport as HttpV1 } from "@modelcontextprotocol/sdk/client/streamableHttp.js";

/** Which MCP SDK a client uses: `@modelcontextprotocol/sdk` or `@modelcontextprotocol/client`. */
export type SdkLine = "v1" | "v2";

/** An MCP client that is connected. */
export interface ConnectedClient {
  readonly events: EventConnection;
  /**
   * Calls a tool; the text of its answer.
   *
   * @param args - Default: none.
   */
  callTool(name: string, args?: Record<string, unknown>): Promise<string>;
  close(): Promise<void>;
}

interface ToolAnswer {
  readonly content: { readonly type: string; readonly text?: string }[];
}

/** How long one attempt to connect may take, in milliseconds. */
const CONNECT_MS = 5_000;

const INFO = { name: "mcp-events-demo", version: "0.1.0" };

/** Starts a server and connects to it over stdio. */
export async function connectStdio(sdk: SdkLine, command: string, args: string[]): Promise<ConnectedClient> {
  const client = newClient(sdk);
  const events = bindClient(client, { transports: [stdio()] });
  const options = { command, args, stderr: "inherit" } as const;
  if (client instanceof ClientV1) await client.connect(new StdioV1(options));
  else await client.connect(new StdioV2(options));
  return connected(client, events);
}

/**
 * Connects over Streamable HTTP.
 *
 * @param token - Says who the client is; webhooks need that.
 */
export async function connectHttp(sdk: SdkLine, url: URL, token?: string): Promise<ConnectedClient> {
  const client = newClient(sdk);
  const events = bindClient(client, { transports: [http()] });
  const options = { timeout: CONNECT_MS };
  const requestInit: RequestInit =
    token === undefined ? {} : { headers: { authorization: `Bearer ${token}` } };
  if (client instanceof ClientV1)
    await client.connect(new HttpV1(url, { fetch: fetchOnce, requestInit }), options);
  else await client.connect(new HttpV2(url, { fetch: fetchOnce, requestInit }), options);
  return connected(client, events);
}

function newClient(sdk: SdkLine): ClientV1 | ClientV2 {
  if (sdk === "v1") return new ClientV1(INFO);
  return new ClientV2(INFO, { versionNegotiation: { mode: { pin: "2026-07-28" } } });
}

function connected(client: ClientV1 | ClientV2, events: EventConnection): ConnectedClient {
  return {
    events,
    async callTool(name, args = {}) {
      const { content } = (await client.callTool({ name, arguments: args })) as ToolAnswer;
      return content[0]?.text ?? "";
    },
    close: () => client.close(),
  };
}

/**
 * The SDKs give every request their transport's own signal, on which Node's fetch leaves a listener until the request is
 * collected; at dozens of polls a second that is more than Node lets pass without a warning.
 */
function fetchOnce(url: string | URL, init?: RequestInit): Promise<Response> {
  const { signal } = init ?? {};
  return fetch(url, { ...init, ...(signal && { signal: AbortSignal.any([signal]) }) });
}
