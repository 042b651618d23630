import Database from "better-sqlite3";
import { describe, expect, it, vi } from "vitest";
import { ManualClock } from "../../ordering/src/testing/manual-clock";
import { resolveOptions } from "./options";
import { SqliteFile } from "./sqlite-file";
import { SqliteLog } from "./sqlite-log";
import { sqliteStore } from "./sqlite-store";
import { entries, entry, freshPath } from "./testing/folder";

const numbers = (page: { entries: readonly { data: Record<string, unknown> }[] }) =>
  page.entries.map(({ data }) => data.n);

describe("one turn, one transaction", () => {
  it("appends of one turn are committed together, and each is told of its own", async () => {
    const store = sqliteStore(freshPath());
    const log = store.open("events");
    const run = vi.spyOn(Object.getPrototypeOf(new Database(":memory:").prepare("SELECT 1")), "run");
    const appended = await Promise.all(entries(50).map((one) => log.append([one])));
    const commits = run.mock.contexts.filter((one) => (one as Database.Statement).source === "COMMIT");
    expect([commits.length, appended.map(([one]) => one!.seq).at(-1)]).toEqual([1, 50]);
    store.close();
  });

  it("one that is refused takes none of the others with it", async () => {
    const store = sqliteStore(freshPath());
    const log = store.open("events");
    const tries = await Promise.allSettled([
      log.append([entry(1)]),
      log.append([entry(2), entry(1, { name: "suite.other" })]),
      log.append([entry(3)]),
    ]);
    expect(tries.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
    expect(numbers(log.read({ after: 0, limit: 9 }) as never)).toEqual([1, 3]);
    store.close();
  });

  it("when the disk is full none is there, each is told, and what was known before is right", async () => {
    const path = freshPath();
    const store = sqliteStore(path);
    const log = store.open("events");
    await log.append(entries(3));
    const before = [log.head(), log.size()];
    const { salt } = log;
    const { epoch } = await log.head();
    store.close();
    const file = new SqliteFile(path, "full");
    const again = new SqliteLog(file, { id: 1, name: "events", salt, epoch }, resolveOptions({}));
    const told: string[] = [];
    again.watch((names) => told.push(...names));
    file.db.pragma(`max_page_count = ${file.db.pragma("page_count", { simple: true })}`);
    const big = entry(9, { data: { text: "x".repeat(5_000_000) } });
    const tries = await Promise.allSettled([again.append([entry(8)]), again.append([big])]);
    for (const one of tries) {
      expect(one).toMatchObject({ status: "rejected", reason: { code: "append_failed", retryable: true } });
    }
    expect([again.head(), again.size(), told]).toEqual([...before, []]);
    expect((await again.append([entry(8)]))[0]).toMatchObject({ seq: 4, duplicate: false });
    file.close();
  });
});

describe("RULE-4: retention", () => {
  it("keeps to maxBytes, whatever it has to drop, and keeps the newest whatever its size", async () => {
    const store = sqliteStore(freshPath(), { maxBytes: 10_000 });
    const log = store.open("events");
    const sized = (n: number, length: number) => entry(n, { data: { n, text: "x".repeat(length) } });
    for (let n = 0; n < 20; n += 1) await log.append([sized(n, 1_000)]);
    const { bytes, entries: kept } = log.size() as { bytes: number; entries: number };
    expect([bytes <= 10_000, kept > 5]).toEqual([true, true]);
    await log.append([sized(20, 50_000)]);
    expect(numbers(log.read({ after: 0, limit: 99 }) as never)).toEqual([20]);
    store.close();
  });

  it("what got too old while nobody looked goes, a part in each transaction", async () => {
    const path = freshPath();
    const clock = new ManualClock();
    const store = sqliteStore(path, { clock, maxAgeMs: 1_000 });
    const log = store.open("events");
    await log.append(entries(12_000));
    store.close();
    clock.jump(2_000);
    const again = sqliteStore(path, { clock, maxAgeMs: 1_000 });
    const old = again.open("events");
    await vi.waitFor(() => expect(old.size()).toMatchObject({ entries: 0, bytes: 0 }));
    expect(await old.append([entry(1)])).toMatchObject([{ seq: 12_001, duplicate: false }]);
    again.close();
  });
});
