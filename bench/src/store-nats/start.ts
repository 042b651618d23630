import { natsStore } from "@mcp-events/store-nats";
import { collectGarbage } from "../garbage";
import { type Bench, perSecond } from "../harness";
import { newEntry } from "./publish";
import { freshName, serverUrl, stopServer } from "./server";

const COUNT = 100_000;
const CACHE_BYTES = 1_000_000;
let filled: string | undefined;

/** A log of many entries, filled once. */
async function prefixOfFilled(): Promise<string> {
  if (filled !== undefined) return filled;
  const prefix = freshName();
  const store = natsStore({ servers: await serverUrl(), prefix });
  const log = await store.open("events");
  for (let n = 0; n < COUNT; n += 100) {
    await log.append(Array.from({ length: 100 }, (_, index) => newEntry(n + index)));
  }
  await store.close();
  filled = prefix;
  return prefix;
}

async function start() {
  const prefix = await prefixOfFilled();
  collectGarbage();
  const before = process.memoryUsage().heapUsed;
  const startedAt = performance.now();
  const store = natsStore({ servers: await serverUrl(), prefix, cacheBytes: CACHE_BYTES });
  const log = await store.open("events");
  const figure = perSecond(COUNT, startedAt);
  collectGarbage();
  const bytes = (process.memoryUsage().heapUsed - before - CACHE_BYTES) / COUNT;
  if ((await log.size()).entries !== COUNT) throw new Error("not all was read");
  await store.close();
  return { value: figure, also: { "bytes/entry": bytes } };
}

/** How fast a replica reads what is there, and what its index takes. */
export const natsStart: Bench = {
  name: "a replica begins on a log of 100,000 entries, 100 a message",
  unit: "entries/s",
  note: "bytes/entry: heap of the index, without the entries kept in memory",
  rounds: 3,
  variants: { start },
  close: async () => {
    filled = undefined;
    await stopServer();
  },
};
