import { describeStore, type StoreBounds } from "@mcp-events/conformance/store";
import { afterAll, beforeAll, test } from "vitest";
import { Connection } from "./connection";
import { storeOn } from "./nats-store";
import { resolveNatsOptions } from "./options";
import { natsPositions } from "./positions";
import { removeAll } from "./testing/fixtures";
import { testServer } from "./testing/nats-server";

let server: Awaited<ReturnType<typeof testServer>>;
beforeAll(async () => {
  server = await testServer();
});
afterAll(() => server.close());

function start(bounds: StoreBounds) {
  const prefix = `suite-${crypto.randomUUID()}`;
  const options = {
    servers: server.url,
    prefix,
    maxBytes: 64 * 1024 * 1024,
    checkpointMs: 200,
    secretKey: "k".repeat(32),
    ...bounds,
  };
  const opened: { close(): unknown }[] = [];
  const open = () => {
    const connection = new Connection(resolveNatsOptions(options));
    const store = storeOn(connection);
    const positions = natsPositions(options);
    opened.push(store, positions);
    return { connection, store, positions };
  };
  const first = open();
  return {
    ...first,
    pass: (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms)),
    reopen: async () => {
      await first.connection.close();
      return open();
    },
    another: async () => open().store,
    close: async () => {
      await Promise.all(opened.map((one) => one.close()));
      await removeAll(server.url, prefix);
    },
  };
}

describeStore("NATS JetStream", start, { test, skip: test.skip });
