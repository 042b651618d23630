import { jetstreamManager } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { natsStore } from "../nats-store";
import { newEntry, replicas, until } from "../testing/fixtures";
import { freePort, startNatsServer, type TestServer } from "../testing/nats-server";

let server: TestServer;
let group: ReturnType<typeof replicas>;

beforeAll(async () => {
  server = await startNatsServer();
});
afterAll(() => server.close());
afterEach(() => group?.close());

const open = (options = {}) => {
  group = replicas(server.url, options);
  return group.store().open("events");
};
const ids = (page: { entries: readonly { eventId: string }[] }) => page.entries.map(({ eventId }) => eventId);
const code = (code: string) => expect.objectContaining({ code });
const numbered = (from: number, to: number) => Array.from({ length: to - from }, (_, n) => `e${from + n}`);

async function admin<T>(
  fn: (jsm: Awaited<ReturnType<typeof jetstreamManager>>, stream: string) => Promise<T>,
) {
  const nc = await connect({ servers: server.url });
  try {
    return await fn(await jetstreamManager(nc), `${group.prefix}-log-events`);
  } finally {
    await nc.close();
  }
}

describe("a log whose server fails", () => {
  it("says store_failed, retryable, when no server can be reached at the start, and opens once one can", async () => {
    const port = await freePort();
    const store = natsStore({ servers: `nats://127.0.0.1:${port}`, timeoutMs: 500 });
    await expect(store.open("events")).rejects.toMatchObject({ code: "store_failed", retryable: true });
    await store.close();
    expect(() => store.open("events")).toThrow(code("closed"));
  });

  it("ORD-7 ORD-8: kill -9 and restart in the middle of appends: each is there once, in the order of the calls", async () => {
    const log = await open({ timeoutMs: 20_000 });
    const appends = numbered(0, 300).map((eventId) => log.append([newEntry({ eventId })]));
    for (let round = 0; round < 3; round += 1) {
      await Promise.race([appends[round * 60 + 20], new Promise((resolve) => setTimeout(resolve, 300))]);
      await server.kill();
      await server.start();
    }
    await Promise.all(appends);
    expect(ids(await log.read({ after: 0, limit: 999 }))).toEqual(numbered(0, 300));
    const fresh = await group.store().open("events");
    expect(ids(await fresh.read({ after: 0, limit: 999 }))).toEqual(numbered(0, 300));
    expect((await fresh.head()).epoch).toBe((await log.head()).epoch);
  }, 60_000);

  it("ORD-8: an append that had no answer is refused as unknown; the same eventId given again is one entry", async () => {
    const log = await open({ timeoutMs: 600 });
    await log.append([newEntry({ eventId: "before" })]);
    await server.kill();
    await expect(log.append([newEntry({ eventId: "x" })])).rejects.toMatchObject({
      code: "append_failed",
      retryable: true,
    });
    expect(ids(await log.read({ after: 0, limit: 9 }))).toEqual(["before"]);
    await server.start();
    const retry = async (id: string) => {
      for (;;) {
        try {
          return await log.append([newEntry({ eventId: id })]);
        } catch (error) {
          expect(error).toEqual(code("append_failed"));
        }
      }
    };
    await retry("x");
    await retry("y");
    await retry("x");
    expect(ids(await log.read({ after: 0, limit: 9 }))).toEqual(["before", "x", "y"]);
  }, 60_000);

  it("ORD-7: a stream that was deleted is a new epoch, for who is open and who comes, and numbers may begin anew", async () => {
    const log = await open();
    const other = await group.store().open("events");
    await log.append([newEntry({ eventId: "old" })]);
    const { epoch } = await log.head();
    const seen: string[] = [];
    other.watch((names) => seen.push(...names));
    await admin((jsm, stream) => jsm.streams.delete(stream));
    await until(async () => (await other.head()).epoch > epoch && (await log.head()).epoch > epoch);
    expect(seen).toContain("note.created");
    await log.append([newEntry({ eventId: "new" })]);
    await until(async () => (await other.read({ after: 0, limit: 9 })).entries.length === 1);
    const page = await other.read({ after: 0, limit: 9 });
    expect([ids(page), page.epoch]).toEqual([["new"], (await log.head()).epoch]);
    const third = await group.store().open("events");
    expect([(await third.head()).epoch, third.salt]).toEqual([page.epoch, log.salt]);
  });

  it("rule 4: messages that vanish from the middle are told as truncated, never skipped inside a page", async () => {
    const log = await open();
    for (const eventId of numbered(0, 10)) await log.append([newEntry({ eventId })]);
    await group.store().close();
    await admin((jsm, stream) => jsm.streams.deleteMessage(stream, 5));
    const fresh = await group.store().open("events");
    expect(ids(await fresh.read({ after: 0, limit: 99 }))).toEqual(numbered(5, 10));
    expect(await fresh.read({ after: 0, limit: 99 })).toMatchObject({ truncated: true });
  });

  it("store_unusable: a message of a newer version is not skipped; messages of others are", async () => {
    const log = await open();
    const publish = (body: object) =>
      admin(async (jsm) => jsm.jetstream().publish(`${group.prefix}.log.events.other`, JSON.stringify(body)));
    await publish({ hello: "world" });
    await log.append([newEntry({ eventId: "e0" })]);
    expect(ids(await log.read({ after: 0, limit: 9 }))).toEqual(["e0"]);
    await publish({ v: 2, entries: [] });
    await until(async () => {
      try {
        await log.read({ after: 0, limit: 9 });
        return false;
      } catch (error) {
        expect(error).toEqual(code("store_unusable"));
        return true;
      }
    });
    await expect(log.append([newEntry()])).rejects.toEqual(code("store_unusable"));
    await expect(group.store().open("events")).rejects.toEqual(code("store_unusable"));
  });

  it("a consumer that is lost is made anew", async () => {
    const log = await open();
    const other = await group.store().open("events");
    await log.append([newEntry({ eventId: "e0" })]);
    for (let round = 1; round < 4; round += 1) {
      await admin(async (jsm, stream) => {
        for await (const { name } of jsm.consumers.list(stream)) await jsm.consumers.delete(stream, name);
      });
      await log.append([newEntry({ eventId: `e${round}` })]);
      await until(async () => (await other.read({ after: 0, limit: 99 })).entries.length === round + 1);
    }
    expect(ids(await other.read({ after: 0, limit: 99 }))).toEqual(numbered(0, 4));
  });

  it("a full stream refuses what is new when told to: append_failed, and nothing of it is in the log", async () => {
    const log = await open({ maxEntries: 3, whenFull: "refuse" });
    for (const eventId of numbered(0, 3)) await log.append([newEntry({ eventId })]);
    await expect(log.append([newEntry({ eventId: "e3" })])).rejects.toMatchObject({
      code: "append_failed",
      message: expect.stringContaining("maximum messages"),
    });
    expect(ids(await log.read({ after: 0, limit: 9 }))).toEqual(numbered(0, 3));
    await log.truncate();
    await log.append([newEntry({ eventId: "e4" })]);
    expect(ids(await log.read({ after: 0, limit: 9 }))).toEqual(["e4"]);
  });

  it("rule 4: a full stream drops its oldest else; a reader behind is told, on every replica alike", async () => {
    const log = await open({ maxEntries: 20 });
    const other = await group.store().open("events");
    for (const eventId of numbered(0, 50)) await log.append([newEntry({ eventId })]);
    const third = await group.store().open("events");
    for (const one of [log, other, third]) {
      await until(async () => (await one.size()).entries === 20);
      const page = await one.read({ after: 0, limit: 99 });
      expect([ids(page), page.truncated]).toEqual([numbered(30, 50), true]);
      expect(await one.read({ after: page.from, limit: 99 })).toMatchObject({ truncated: false });
    }
  });

  it("ORD-6: replicas that begin while retention runs come to the same log as those that were there", async () => {
    const log = await open({ maxEntries: 40 });
    const writers = [log, await group.store().open("events"), await group.store().open("events")];
    const fresh: (typeof log)[] = [];
    for (let n = 0; n < 60; n += 1) {
      await Promise.allSettled(
        writers.map((writer, who) =>
          writer.append([newEntry({ eventId: `x${n % 17}` }), newEntry({ eventId: `w${who}-${n}` })]),
        ),
      );
      if (n % 20 === 19) fresh.push(await group.store().open("events"));
    }
    const last = async (one: typeof log) => {
      await one.head();
      return (await one.read({ after: 0, limit: 999 })).entries
        .map(({ seq, eventId }) => [seq, eventId])
        .slice(-30);
    };
    const expected = await last(log);
    for (const one of [...writers, ...fresh]) expect(await last(one)).toEqual(expected);
  });
});
