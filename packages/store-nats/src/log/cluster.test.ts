import type { EventLog } from "@mcp-events/ordering";
import { jetstreamManager } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { newEntry, replicas } from "../testing/fixtures";
import { startNatsCluster, type TestCluster } from "../testing/nats-cluster";
import type { TestServer } from "../testing/nats-server";

let cluster: TestCluster;
beforeAll(async () => {
  cluster = await startNatsCluster();
}, 60_000);
afterAll(() => cluster.close());

const group = () => replicas(cluster.urls.join(","), { replicas: 3, timeoutMs: 20_000 });

/** The server that leads a log's stream. */
async function leader(prefix: string): Promise<TestServer> {
  const nc = await connect({ servers: [...cluster.urls] });
  try {
    const jsm = await jetstreamManager(nc);
    const { cluster: found } = await jsm.streams.info(`${prefix}-log-events`);
    return cluster.nodes[Number(found?.leader?.slice(1))]!;
  } finally {
    await nc.close();
  }
}

/** Appends one after the other until told to stop; ids in order. */
function appending(log: EventLog, who: string) {
  const ids: string[] = [];
  let over = false;
  const done = (async () => {
    while (!over) {
      const eventId = `${who}${ids.length}`;
      await log.append([newEntry({ eventId })]);
      ids.push(eventId);
    }
  })();
  done.catch(() => {});
  return {
    ids,
    async stop() {
      over = true;
      await done;
      return ids;
    },
  };
}

describe("a log on three servers", () => {
  it("ORD-6 ORD-7 ORD-8: leaders are killed in turn under load; nothing is lost, twice or out of order, in one epoch", {
    timeout: 120_000,
  }, async () => {
    const own = group();
    const logs = await Promise.all(
      [own.store(), own.store(), own.store()].map((store) => store.open("events")),
    );
    const { epoch } = await logs[0]!.head();
    const writers = logs.map((log, index) => appending(log, `w${index}-`));
    for (let round = 0; round < 3; round += 1) {
      await new Promise((resolve) => setTimeout(resolve, 500));
      const node = await leader(own.prefix);
      await node.kill();
      await new Promise((resolve) => setTimeout(resolve, 1_500));
      await node.start();
      const before = writers.map(({ ids }) => ids.length);
      const end = Date.now() + 20_000;
      while (writers.some(({ ids }, index) => ids.length < before[index]! + 5)) {
        if (Date.now() > end) throw new Error(`round ${round}: appends do not go on`);
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    }
    const written = await Promise.all(writers.map((writer) => writer.stop()));
    const fresh = await own.store().open("events");
    for (const log of [...logs, fresh]) {
      expect((await log.head()).epoch).toBe(epoch);
      const page = await log.read({ after: 0, limit: 100_000 });
      const seen = page.entries.map(({ eventId }) => eventId);
      expect(page.truncated).toBe(false);
      expect(seen).toHaveLength(written.flat().length);
      for (const [index, ids] of written.entries()) {
        expect(seen.filter((id) => id.startsWith(`w${index}-`))).toEqual(ids);
      }
    }
    await own.close();
  });
});
