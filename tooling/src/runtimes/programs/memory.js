import { createEventClient } from "@mcp-events/client";
import { inMemoryPair } from "@mcp-events/protocol";
import { Client } from "@modelcontextprotocol/client";
import { pushAndPoll } from "./subscribe.js";
import { tickServer } from "./tick.js";

/** Server and client in one process: the engine, both bindings, push and poll. */
export async function run() {
  const clock = tickServer();
  const pair = inMemoryPair();
  const server = clock.mcpServer();
  await server.connect(pair.server);
  const mcp = new Client({ name: "watcher", version: "1.0.0" });
  await mcp.connect(pair.client);
  const client = createEventClient(mcp);
  await pushAndPoll(client, clock.emit);
  await client.close();
  await mcp.close();
  await clock.events.close();
}
