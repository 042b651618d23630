import { afterAll, beforeAll, expect, it } from "vitest";
import { Connection } from "./connection";
import { Cell } from "./kv/cas";
import { storeOn } from "./nats-store";
import { resolveNatsOptions } from "./options";
import { newEntry, removeAll, until } from "./testing/fixtures";
import { startNatsServer, type TestServer } from "./testing/nats-server";

let server: TestServer;

beforeAll(async () => {
  server = await startNatsServer();
});
afterAll(() => server.close());

it("a connection that ended for good, as after credentials that were refused twice, is made anew", async () => {
  const prefix = `test-${crypto.randomUUID()}`;
  const connection = new Connection(resolveNatsOptions({ servers: server.url, prefix, timeoutMs: 1_000 }));
  const store = storeOn(connection);
  const cell = new Cell<string>(connection, "things");
  const log = await store.open("events");
  await cell.put("a", "one");
  await (await connection.get()).nc.close();
  await until(
    () =>
      cell
        .get("a")
        .then(({ value }) => value === "one")
        .catch(() => false),
    5_000,
  );
  await until(
    () =>
      Promise.resolve(log.append([newEntry()]))
        .then(() => true)
        .catch(() => false),
    5_000,
  );
  expect(await log.append([newEntry()])).toMatchObject([{ duplicate: false }]);
  await store.close();
  await removeAll(server.url, prefix);
}, 20_000);
