import { natsStore } from "@mcp-events/store-nats";
import { type Bench, perSecond } from "../harness";
import { newEntry } from "./publish";
import { freshName, serverUrl, stopServer } from "./server";

const COUNT = 6_000;
const READERS = [1, 3];

/** Appends of 16 by each of several stores at once; every one of them reads all. */
async function replicas(count: number): Promise<number> {
  const servers = await serverUrl();
  const prefix = freshName();
  const stores = Array.from({ length: count }, () => natsStore({ servers, prefix }));
  const logs = await Promise.all(stores.map((store) => store.open("events")));
  const startedAt = performance.now();
  await Promise.all(
    logs.map(async (log, index) => {
      for (let n = 0; n < COUNT / count; n += 16) {
        await log.append(Array.from({ length: 16 }, (_, k) => newEntry(index * COUNT + n + k)));
      }
    }),
  );
  await Promise.all(logs.map((log) => log.head()));
  const figure = perSecond(COUNT, startedAt);
  for (const store of stores) await store.close();
  return figure;
}

/** How appends go when several replicas do them; all in one process, so that its time is shared, too. */
export const natsReplicas: Bench = {
  name: "appends of 16 by several replicas of one log, each of which reads all",
  unit: "events/s",
  rounds: 3,
  growth: { of: "replicas", at: READERS },
  variants: Object.fromEntries(READERS.map((count) => [`${count} replicas`, () => replicas(count)])),
  close: stopServer,
};
