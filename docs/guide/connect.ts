import { directChannel, inMemoryPair, type ServerTransport } from "@mcp-events/protocol";
import { Client } from "@modelcontextprotocol/client";
import { McpServer } from "@modelcontextprotocol/server";

/** What an MCP client asked its server, and how much it was told. */
export interface Traffic {
  /** Requests by method, those of connecting left out. */
  readonly requests: Record<string, number>;
  /** Messages from the server, in bytes of JSON, those of connecting included. */
  receivedBytes: number;
}

/** An MCP client and server in one process, for the examples of this guide. */
export interface Connection {
  readonly mcp: Client;
  readonly traffic: Traffic;
  /** Breaks the connection without a goodbye. */
  cut(): void;
}

const CONNECTING = new Set(["initialize", "server/discover", "ping"]);

/**
 * Connects a client to a server and counts what goes over the wire.
 *
 * @param prepare - Gives the server its tools, resources and events before it is connected.
 */
export async function connect(prepare: (server: McpServer) => void, name = "server"): Promise<Connection> {
  const pair = inMemoryPair();
  const traffic: Traffic = { requests: {}, receivedBytes: 0 };
  tap(pair.client, (message) => count(traffic, message));
  tap(pair.server, (message) => {
    traffic.receivedBytes += JSON.stringify(message).length;
  });
  const capabilities = { resources: { subscribe: true, listChanged: true } };
  const server = new McpServer({ name, version: "1.0.0" }, { capabilities });
  prepare(server);
  await server.connect(pair.server);
  const mcp = new Client({ name: "client", version: "1.0.0" });
  await mcp.connect(pair.client);
  return { mcp, traffic, cut: pair.cut };
}

/** Names the one user at the other end of an in-memory connection, as `stdio({ principal })` does for a pipe. */
export function user(principal: string): ServerTransport {
  return { name: "user", connect: () => ({ principal, open: directChannel }) };
}

function count({ requests }: Traffic, message: unknown): void {
  const { id, method } = message as { id?: unknown; method?: string };
  if (id === undefined || method === undefined || CONNECTING.has(method)) return;
  requests[method] = (requests[method] ?? 0) + 1;
}

function tap(end: { send(message: unknown): Promise<void> }, see: (message: unknown) => void): void {
  const send = end.send.bind(end);
  end.send = (message) => {
    see(message);
    return send(message);
  };
}
