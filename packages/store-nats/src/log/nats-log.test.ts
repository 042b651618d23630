import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { newEntry, replicas, until } from "../testing/fixtures";
import { testServer } from "../testing/nats-server";
import { MAX_ENTRIES } from "./numbers";

let server: Awaited<ReturnType<typeof testServer>>;
let group: ReturnType<typeof replicas>;

beforeAll(async () => {
  server = await testServer();
});
afterAll(() => server.close());
afterEach(() => group.close());

const open = async (options = {}) => {
  group = replicas(server.url, options);
  return group.store().open("events");
};
const ids = (page: { entries: readonly { eventId: string }[] }) => page.entries.map(({ eventId }) => eventId);
const code = (code: string) => expect.objectContaining({ code });

describe("a log on JetStream", () => {
  it("ORDERING rule 1: a batch is taken whole, numbered upwards within one message, or not at all", async () => {
    const log = await open();
    const [a, b] = await log.append([newEntry({ eventId: "a" }), newEntry({ eventId: "b" })]);
    expect([a!.seq, b!.seq]).toEqual([MAX_ENTRIES, MAX_ENTRIES + 1]);
    const batch = [newEntry({ eventId: "new" }), newEntry({ eventId: "a", audience: "x" })];
    await expect(log.append(batch)).rejects.toEqual(code("event_id_conflict"));
    expect(await log.head()).toEqual({ epoch: a!.epoch, seq: b!.seq });
    expect(ids(await log.read({ after: 0, limit: 9 }))).toEqual(["a", "b"]);
    expect(await log.append([newEntry({ eventId: "new" })])).toMatchObject([{ duplicate: false }]);
  });

  it("ORDERING rule 1: a batch larger than a message of the server is stored in parts and seen at once", async () => {
    const log = await open();
    const other = await group.store().open("events");
    const entries = Array.from({ length: 40 }, (_, n) =>
      newEntry({ eventId: `large${n}`, data: { text: "x".repeat(100_000) } }),
    );
    const sizes = new Set<number>();
    const stop = other.watch(async () =>
      sizes.add((await other.read({ after: 0, limit: 99 })).entries.length),
    );
    const appended = await log.append(entries);
    await until(() => sizes.size > 0);
    stop();
    expect([...sizes]).toEqual([40]);
    expect(appended.map(({ seq }) => seq)).toEqual(appended.map((_, n) => appended[0]!.seq + n));
    expect(ids(await other.read({ after: 0, limit: 99 }))).toEqual(entries.map(({ eventId }) => eventId));
  });

  it("ORD-8 ORD-6: two replicas that append at once agree on one order, and each keeps its own", async () => {
    const one = await open();
    const two = await group.store().open("events");
    const emit = async (log: typeof one, who: string) => {
      const seqs: number[] = [];
      const calls = Array.from({ length: 200 }, (_, n) =>
        Promise.resolve(log.append([newEntry({ eventId: `${who}${n}` })])).then(([a]) => seqs.push(a!.seq)),
      );
      await Promise.all(calls);
      expect(seqs).toEqual([...seqs].sort((a, b) => a - b));
    };
    await Promise.all([emit(one, "a"), emit(two, "b")]);
    await Promise.all([one.head(), two.head()]);
    const seen = ids(await one.read({ after: 0, limit: 1000 }));
    expect(seen).toHaveLength(400);
    expect(ids(await two.read({ after: 0, limit: 1000 }))).toEqual(seen);
    for (const who of ["a", "b"]) {
      expect(seen.filter((id) => id.startsWith(who))).toEqual(
        Array.from({ length: 200 }, (_, n) => `${who}${n}`),
      );
    }
  });

  it("ORDERING rule 2: one eventId given to several replicas at once is one entry; everybody learns its number", async () => {
    const first = await open();
    const logs = [first, await group.store().open("events"), await group.store().open("events")];
    for (let n = 0; n < 30; n += 1) {
      const appended = await Promise.all(logs.map((log) => log.append([newEntry({ eventId: `x${n}` })])));
      expect(new Set(appended.map(([a]) => a!.seq)).size).toBe(1);
      expect(appended.filter(([a]) => !a!.duplicate)).toHaveLength(1);
    }
    expect((await first.size()).entries).toBe(30);
  });

  it("ORDERING rule 2: of a broad and a narrow use of one eventId at once, one is refused everywhere", async () => {
    const one = await open();
    const two = await group.store().open("events");
    for (let n = 0; n < 30; n += 1) {
      const results = await Promise.allSettled([
        one.append([newEntry({ eventId: `x${n}` }), newEntry({ eventId: `one${n}` })]),
        two.append([newEntry({ eventId: `x${n}`, audience: "a" }), newEntry({ eventId: `two${n}` })]),
      ]);
      const refused = results.filter(({ status }) => status === "rejected");
      expect(refused).toEqual([{ status: "rejected", reason: code("event_id_conflict") }]);
    }
    await Promise.all([one.head(), two.head()]);
    expect(ids(await one.read({ after: 0, limit: 99 }))).toHaveLength(60);
    expect(ids(await two.read({ after: 0, limit: 99 }))).toEqual(
      ids(await one.read({ after: 0, limit: 99 })),
    );
  });

  it("rule 6: of two replicas that asked an upstream from one cursor, one is refused", async () => {
    const one = await open();
    const two = await group.store().open("events");
    const move = (log: typeof one, from: string | undefined, to: string, id: string) =>
      log.append([newEntry({ eventId: id })], { upstream: { group: "g", from, to } });
    await move(one, undefined, "0", "start");
    await two.head();
    for (let n = 0; n < 30; n += 1) {
      const results = await Promise.allSettled([
        move(one, `${n}`, `${n + 1}`, `a${n}`),
        move(two, `${n}`, `${n + 1}`, `b${n}`),
      ]);
      expect(results.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
      await Promise.all([one.head(), two.head()]);
      expect(await one.upstream("g")).toEqual(await two.upstream("g"));
    }
    expect((await one.size()).entries).toBe(31);
  });

  it("ORD-7: what was acknowledged is there after a restart, with epoch, salt, upstreams and what retention took", async () => {
    const log = await open();
    await log.append([newEntry({ name: "rare", eventId: "r" })]);
    await log.append([newEntry({ eventId: "b" })], { upstream: { group: "g", from: undefined, to: "7" } });
    const [rare] = (await log.read({ after: 0, limit: 1 })).entries;
    await log.truncate();
    await log.append([newEntry({ eventId: "c" })]);
    const before = [
      log.salt,
      await log.head(),
      await log.upstream("g"),
      await log.read({ after: 0, limit: 9 }),
    ];
    await group.store().close();
    const again = await group.store().open("events");
    expect([again.salt, await again.head(), await again.upstream("g")]).toEqual(before.slice(0, 3));
    expect(ids(await again.read({ after: 0, limit: 9 }))).toEqual(["c"]);
    expect(await again.append([newEntry({ eventId: "c" })])).toMatchObject([{ duplicate: true }]);
    expect(await again.read({ after: rare!.seq, names: ["rare"], limit: 9 })).toMatchObject({
      truncated: false,
    });
    expect(await again.read({ after: 0, names: ["rare"], limit: 9 })).toMatchObject({ truncated: true });
    expect(await again.read({ after: 0, names: ["never"], limit: 9 })).toMatchObject({ truncated: false });
  });

  it("reads entries that are no longer in memory from the stream", async () => {
    const log = await open({ cacheBytes: 3_000 });
    const entries = Array.from({ length: 100 }, (_, n) => newEntry({ eventId: `m${n}`, data: { n } }));
    for (let n = 0; n < 100; n += 5) await log.append(entries.slice(n, n + 5));
    const page = await log.read({ after: 0, limit: 100 });
    expect(page.entries.map(({ data }) => data.n)).toEqual(entries.map((_, n) => n));
    expect(ids(await log.read({ after: page.entries[41]!.seq, limit: 3 }))).toEqual(["m42", "m43", "m44"]);
  });
});
