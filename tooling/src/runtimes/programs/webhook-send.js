import { createServer } from "node:http";
import { createEventClient } from "@mcp-events/client";
import { directChannel, inMemoryPair } from "@mcp-events/protocol";
import { webhookReceiver } from "@mcp-events/transport-webhook";
import { nodeHandler, webhook } from "@mcp-events/transport-webhook/node";
import { Client } from "@modelcontextprotocol/client";
import { follow } from "./subscribe.js";
import { tickServer } from "./tick.js";

const user = { name: "user", connect: () => ({ principal: "ann", open: directChannel }) };

/** A server that posts, over a loopback socket, and a client behind a handler for Node's HTTP servers. */
export async function run() {
  const clock = tickServer({ transports: [user, webhook({ allowLoopback: true })] });
  const listening = createServer((req, res) => nodeHandler(receiver)(req, res)).listen(0, "127.0.0.1");
  await new Promise((resolve) => listening.once("listening", resolve));
  const receiver = webhookReceiver({ url: `http://127.0.0.1:${listening.address().port}/hooks/` });

  const pair = inMemoryPair();
  await clock.mcpServer().connect(pair.server);
  const mcp = new Client({ name: "watcher", version: "1.0.0" });
  await mcp.connect(pair.client);
  const client = createEventClient(mcp, { transports: [receiver] });
  await follow(client, ["webhook"], async (count) => {
    while (clock.events.webhooks.list().length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    await clock.emit(count);
  });
  await client.close();
  await mcp.close();
  await clock.events.close();
  receiver.close();
  listening.close();
  listening.closeAllConnections();
}
