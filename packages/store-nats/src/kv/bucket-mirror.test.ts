import { systemClock } from "@mcp-events/protocol";
import { afterAll, afterEach, beforeAll, expect, it, vi } from "vitest";
import { Connection } from "../connection";
import { resolveNatsOptions } from "../options";
import { readStream } from "../read-stream";
import { removeAll, until } from "../testing/fixtures";
import { startNatsServer, type TestServer } from "../testing/nats-server";
import { BucketMirror } from "./bucket-mirror";
import { Cell } from "./cas";

vi.mock("../read-stream", { spy: true });

let server: TestServer;
let end: () => Promise<void>;

beforeAll(async () => {
  server = await startNatsServer();
});
afterAll(() => server.close());
afterEach(() => end());

function begin(clock = systemClock) {
  const prefix = `test-${crypto.randomUUID()}`;
  const connection = new Connection(resolveNatsOptions({ servers: server.url, prefix, clock }));
  const gone: string[] = [];
  const mirror = new BucketMirror<string>(connection, "things", {
    parse: (text) => JSON.parse(text),
    changed: (key, value) => {
      if (value === undefined) gone.push(key);
    },
  });
  end = async () => {
    mirror.close();
    await connection.close();
    await removeAll(server.url, prefix);
  };
  return { connection, mirror, gone, cell: new Cell<string>(connection, "things") };
}

it("an answer that is older than what came meanwhile does not mean another bucket", async () => {
  const { connection, mirror, gone, cell } = begin();
  await cell.put("a", "one");
  await mirror.catchUp();
  const { streams } = (await connection.get()).jsm;
  const { info } = streams;
  const spied = vi.spyOn(streams, "info").mockImplementationOnce(async (...given) => {
    const before = await info.apply(streams, given);
    await cell.put("b", "two");
    await until(() => mirror.entries.has("b"));
    return before;
  });
  await until(() => spied.mock.calls.length > 1);
  expect([gone, [...mirror.entries.keys()]]).toEqual([[], ["a", "b"]]);
});

it("[pitfall 22] a bucket that comes late is read once, however often it was asked for", async () => {
  let isHasty = true;
  vi.mocked(readStream).mockClear();
  const { mirror, cell } = begin({
    ...systemClock,
    after: (ms, fn) => systemClock.after(isHasty && ms === 2_000 ? 0 : ms, fn),
  });
  for (let n = 0; n < 2_000; n += 100) {
    await Promise.all(Array.from({ length: 100 }, (_, m) => cell.put(`k${n + m}`, "v".repeat(500))));
  }
  const failures = [];
  for (let n = 0; n < 5; n += 1) failures.push(await mirror.catchUp().catch((error: Error) => error.message));
  expect(failures[0]).toContain("does not come");
  isHasty = false;
  await mirror.catchUp();
  expect(mirror.entries.size).toBe(2_000);
  expect(readStream).toHaveBeenCalledTimes(1);
});
