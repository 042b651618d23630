import type { Entry } from "@mcp-events/ordering";
import { natsStore } from "@mcp-events/store-nats";
import { onTestFinished } from "vitest";
import { startNatsCluster } from "../../../../packages/store-nats/src/testing/nats-cluster";
import { tcpProxy } from "../../../../packages/store-nats/src/testing/tcp-proxy";
import { replica } from "./replica";
import { roundRobin } from "./round-robin";

const COUNT = 3;

/**
 * Three replicas on a cluster of three NATS servers, behind a load balancer, for the length of the test. Each replica
 * reaches the servers by ways of its own, which can be cut.
 */
export async function replicaSet(flags: readonly string[] = []) {
  const cluster = await startNatsCluster();
  onTestFinished(() => cluster.close());
  const replicas = await Promise.all(
    Array.from({ length: COUNT }, async () => {
      const ways = await Promise.all(cluster.nodes.map(({ port }) => tcpProxy(port)));
      onTestFinished(async () => {
        await Promise.all(ways.map((way) => way.close()));
      });
      const hosts = ways.map(({ port }) => `127.0.0.1:${port}`).join(",");
      const one = replica(`nats://${hosts}?replicas=3`, flags);
      onTestFinished(() => one.end("SIGKILL"));
      return {
        ...handle(one),
        partition: () => ways.map((way) => way.partition()),
        heal: () => ways.map((way) => way.heal()),
      };
    }),
  );
  for (const one of replicas) await one.start();
  const balancer = await roundRobin(() => replicas.flatMap(({ url }) => url() ?? []));
  onTestFinished(() => balancer.close());
  return {
    nodes: cluster.nodes,
    replicas,
    url: balancer.url,
    /** The whole log, as the servers have it. */
    async log(): Promise<readonly Entry[]> {
      const store = natsStore({ servers: cluster.urls, replicas: 3 });
      try {
        return (await (await store.open("events")).read({ after: 0, limit: 1_000_000 })).entries;
      } finally {
        await store.close();
      }
    },
  };
}

function handle(one: ReturnType<typeof replica>) {
  return {
    url: () => one.url,
    start: () => one.start(),
    end: (signal: "SIGKILL" | "SIGTERM") => one.end(signal),
  };
}
