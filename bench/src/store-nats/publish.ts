import type { NewEntry } from "@mcp-events/ordering";
import { natsStore } from "@mcp-events/store-nats";
import { jetstream, jetstreamManager } from "@nats-io/jetstream";
import { type Bench, perSecond } from "../harness";
import { connection, freshName, serverUrl, stopServer } from "./server";

const SERIAL = 2_000;
const BULK = 20_000;
const BATCH = 64;
const data = { text: "x".repeat(300) };

/** An event of 350 bytes. */
export function newEntry(n: number): NewEntry {
  return { kind: "event", name: "bench", eventId: `e${n}`, timestamp: "2026-01-01T00:00:00.000Z", data };
}

async function raw(count: number, atOnce: number): Promise<number> {
  const nc = await connection();
  const name = freshName();
  const jsm = await jetstreamManager(nc);
  await jsm.streams.add({ name, subjects: [name] });
  const js = jetstream(nc);
  const body = JSON.stringify(newEntry(0));
  const startedAt = performance.now();
  for (let n = 0; n < count; n += atOnce) {
    await Promise.all(Array.from({ length: atOnce }, () => js.publish(name, body)));
  }
  const figure = perSecond(count, startedAt);
  await nc.close();
  return figure;
}

async function append(count: number, atOnce: number): Promise<number> {
  const store = natsStore({ servers: await serverUrl(), prefix: freshName() });
  const log = await store.open("events");
  const startedAt = performance.now();
  for (let n = 0; n < count; n += atOnce) {
    await log.append(Array.from({ length: atOnce }, (_, index) => newEntry(n + index)));
  }
  const figure = perSecond(count, startedAt);
  await store.close();
  return figure;
}

/** Appends to a log on NATS, by messages of JetStream of the same size. */
export const natsPublish: Bench = {
  name: "append to a log on NATS JetStream, one server, file storage",
  unit: "events/s",
  note: "an append answers when it was read back and judged; a batch is one message",
  rounds: 3,
  variants: {
    "publish, one after the other": () => raw(SERIAL, 1),
    "append, one after the other": () => append(SERIAL, 1),
    "publish, 64 under way": () => raw(BULK, BATCH),
    "append of 64": () => append(BULK, BATCH),
  },
  baselines: ["publish, one after the other", "publish, 64 under way"],
  close: stopServer,
};
