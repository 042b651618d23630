import { once } from "node:events";
import { createEventClient, memoryPositions } from "@mcp-events/client";
import { createEventServer, defineEvent } from "@mcp-events/server";
import { Client } from "@modelcontextprotocol/client";
import { McpServer } from "@modelcontextprotocol/server";
import { afterEach, expect, test } from "vitest";
import * as z from "zod";
import { connectTo, listen, webSocket } from "../src/index";

const counted = defineEvent("counted", {
  description: "A number was counted",
  payloadSchema: z.object({ n: z.int() }),
});
const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);

const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function startServer() {
  const events = createEventServer({ transports: [webSocket()] });
  const numbers = events.register(counted);
  const listening = await listen({}, (transport) =>
    events.attach(new McpServer({ name: "counter", version: "1.0.0" })).connect(transport),
  );
  cleanups.push(
    () => listening.close(),
    () => events.close(),
  );
  const emit = (from: number, to: number) => numbers.emitMany(range(from, to).map((n) => ({ data: { n } })));
  return { url: listening.url, emit };
}

async function subscribe(url: string, positions = memoryPositions()) {
  const mcp = new Client({ name: "reader", version: "1.0.0" });
  const client = createEventClient(mcp, { positions });
  const transport = connectTo(url);
  await mcp.connect(transport);
  const subscription = await client.subscribe(counted, {}, { id: "reader", delivery: "push" });
  cleanups.push(
    () => mcp.close(),
    () => client.close(),
  );
  /** Reads and commits until `last`, or until the subscription ends. */
  async function readTo(last: number): Promise<number[]> {
    const read: number[] = [];
    for await (const item of subscription) {
      if (item.kind === "gap") throw new Error(`gap: ${item.reason}`);
      read.push(item.data.n);
      await item.commit();
      if (item.data.n === last) break;
    }
    return read;
  }
  return { subscription, transport, readTo };
}

test("ORD-1 200 events arrive in order over push", async () => {
  const { url, emit } = await startServer();
  const { subscription, readTo } = await subscribe(url);
  await emit(0, 200);
  expect(await readTo(199)).toEqual(range(0, 200));
  expect(subscription.mode).toBe("push");
});

test("ORD-2 ORD-3 after a cut the client goes on without loss or repeat", async () => {
  const { url, emit } = await startServer();
  const positions = memoryPositions();
  const first = await subscribe(url, positions);
  await emit(0, 100);
  const before = await first.readTo(60);

  first.transport.socket.terminate();
  await once(first.transport.socket, "close");
  await emit(100, 200); // while nobody is connected
  expect(first.subscription.state).toBe("ended");

  // An MCP connection that closed stays closed; a new one goes on from the position that was committed.
  const second = await subscribe(url, positions);
  await emit(200, 250);
  expect([...before, ...(await second.readTo(249))]).toEqual(range(0, 250));
});
