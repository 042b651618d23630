import { natsStore } from "../nats-store";
import { freePort, startNatsServer, type TestServer } from "./nats-server";

/** Servers of one cluster. */
export interface TestCluster {
  readonly nodes: readonly TestServer[];
  /** All of them, as `servers` takes it. */
  readonly urls: readonly string[];
  close(): Promise<void>;
}

const SIZE = 3;
const READY_WITHIN_MS = 30_000;

/** Starts a cluster of three on loopback; resolves when it stores on three servers. */
export async function startNatsCluster(): Promise<TestCluster> {
  const routes = await Promise.all(Array.from({ length: SIZE }, () => freePort()));
  const others = (own: number) =>
    routes.filter((port) => port !== own).map((port) => `"nats://127.0.0.1:${port}"`);
  const nodes = await Promise.all(
    routes.map((port, index) =>
      startNatsServer(
        `server_name: "n${index}"\n` +
          `cluster { name: "test", listen: "127.0.0.1:${port}", no_advertise: true, routes: [${others(port).join(", ")}] }`,
      ),
    ),
  );
  const urls = nodes.map(({ url }) => url);
  await untilReady(urls);
  return {
    nodes,
    urls,
    async close() {
      await Promise.all(nodes.map((node) => node.close()));
    },
  };
}

async function untilReady(urls: readonly string[]): Promise<void> {
  const until = Date.now() + READY_WITHIN_MS;
  for (;;) {
    const store = natsStore({
      servers: urls,
      prefix: "ready",
      replicas: SIZE,
      storage: "memory",
      maxBytes: 1024 * 1024,
      timeoutMs: 2_000,
    });
    try {
      await store.open("events");
      return;
    } catch (error) {
      if (Date.now() > until) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    } finally {
      await store.close();
    }
  }
}
