import { type LogStore, memoryStore } from "@mcp-events/ordering";
import { defineEvent } from "@mcp-events/protocol";
import { createEventServer } from "@mcp-events/server";
import { natsStore } from "@mcp-events/store-nats";
import * as z from "zod";
import { type Bench, quantile } from "../harness";
import { MemoryHost } from "../server/memory-host";
import { freshName, serverUrl, stopServer } from "./server";

const COUNT = 1_000;
const noted = defineEvent("noted", { description: "", payloadSchema: z.object({ n: z.number() }) });

/** From the call of `emit` on one server to the message of a push stream on another (or the same) one. */
async function measure(emitting: LogStore, serving: LogStore | undefined) {
  const emitter = createEventServer({ store: emitting });
  const server = serving === undefined ? emitter : createEventServer({ store: serving });
  const handle = emitter.register(noted);
  if (server !== emitter) server.register(noted);
  const host = new MemoryHost();
  server.bind(host);
  let arrived = () => {};
  const stream = host.stream({ name: "noted" }, () => arrived());
  await new Promise<void>((resolve) => {
    arrived = resolve;
  });
  const latencies: number[] = [];
  for (let n = 0; n < COUNT; n += 1) {
    const there = new Promise<void>((resolve) => {
      arrived = resolve;
    });
    const startedAt = performance.now();
    const emitted = handle.emit({ n });
    await there;
    latencies.push(performance.now() - startedAt);
    await emitted;
  }
  stream.end();
  await emitter.close();
  if (server !== emitter) await server.close();
  return { value: quantile(latencies, 0.5), also: { p99: quantile(latencies, 0.99) } };
}

async function nats(count: 1 | 2) {
  const servers = await serverUrl();
  const prefix = freshName();
  const store = () => natsStore({ servers, prefix, plaintextSecrets: true });
  return measure(store(), count === 2 ? store() : undefined);
}

/** What a log on NATS adds between `emit` and a stream. */
export const natsLatency: Bench = {
  name: "from emit to the message of a push stream, without a transport",
  unit: "ms (p50)",
  rounds: 3,
  variants: {
    "in memory": () => measure(memoryStore(), undefined),
    "on NATS, the replica that emitted": () => nats(1),
    "on NATS, another replica": () => nats(2),
  },
  close: stopServer,
};
