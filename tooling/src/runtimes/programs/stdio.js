import { createEventClient } from "@mcp-events/client";
import { stdio } from "@mcp-events/transport-stdio";
import { Client } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { pushAndPoll } from "./subscribe.js";

/** A server process of the same runtime, over stdio. */
export async function run(command, args) {
  const mcp = new Client({ name: "watcher", version: "1.0.0" });
  await mcp.connect(new StdioClientTransport({ command, args: [...args, "stdio-server.js"] }));
  const client = createEventClient(mcp, { transports: [stdio()] });
  await pushAndPoll(client, () => mcp.callTool({ name: "emit" }));
  await client.close();
  await mcp.close();
}
