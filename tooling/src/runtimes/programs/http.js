import { createServer } from "node:http";
import { createEventClient } from "@mcp-events/client";
import { http } from "@mcp-events/transport-http";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { toNodeHandler } from "@modelcontextprotocol/node";
import { createMcpHandler } from "@modelcontextprotocol/server";
import { pushAndPoll } from "./subscribe.js";
import { tickServer } from "./tick.js";

/** Both ends of Streamable HTTP, over a loopback socket. */
export async function run() {
  const transport = http();
  const clock = tickServer({ transports: [transport] });
  const handler = createMcpHandler(() => clock.mcpServer());
  const listening = createServer(transport.wrap(toNodeHandler(handler))).listen(0, "127.0.0.1");
  await new Promise((resolve) => listening.once("listening", resolve));
  const url = new URL(`http://127.0.0.1:${listening.address().port}/mcp`);

  const mcp = new Client({ name: "watcher", version: "1.0.0" }, { versionNegotiation: { mode: "auto" } });
  await mcp.connect(new StreamableHTTPClientTransport(url));
  const client = createEventClient(mcp, { transports: [http()] });
  await pushAndPoll(client, clock.emit);
  await client.close();
  await mcp.close();
  await clock.events.close();
  transport.close();
  listening.close();
  listening.closeAllConnections();
}
