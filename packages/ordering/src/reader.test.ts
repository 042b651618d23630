import { describe, expect, it } from "vitest";
import type { EventLog, Page } from "./contracts";
import { memoryLog, newEntry, wrapLog } from "./testing/fixtures";
import { settle } from "./testing/manual-clock";
import { isEven, NAME, n, now, seqs, setUp } from "./testing/view-fixtures";
import { View } from "./view";

describe("waiting", () => {
  it("changed() resolves at once when there is something, on abort, on release and on close, and leaves nothing behind", async () => {
    const { view, emit, clock } = setUp();
    const reader = view.reader(0);
    const abort = new AbortController();
    const aborted = reader.changed(abort.signal);
    abort.abort();
    await aborted;
    await reader.changed(abort.signal);
    const superseded = reader.changed();
    const released = reader.changed();
    await superseded;
    const other = view.reader(0);
    const closed = other.changed();
    reader.release();
    reader.release();
    await released;
    emit({});
    await closed;
    await other.changed();
    view.close();
    await other.changed();
    expect(() => other.take(1)).toThrow(expect.objectContaining({ code: "closed" }));
    expect([view.readers, view.held, clock.pending]).toEqual([0, 0, 0]);
  });

  it("stops watching the log with the last reader", async () => {
    const { log, clock } = memoryLog();
    let watching = 0;
    const counted = wrapLog(log, {
      watch: (listener) => {
        watching += 1;
        const stop = log.watch(listener);
        return () => {
          watching -= 1;
          stop();
        };
      },
    });
    const views = ["me", "you"].map((audience) => new View({ log: counted, name: NAME, audience, clock }));
    const readers = views.flatMap((view) => [view.reader(0), view.reader(0)]);
    for (const reader of readers) void reader.changed();
    expect(watching).toBe(1);
    for (const view of views) view.close();
    expect(watching).toBe(0);
  });

  it("an entry appended from within match is not missed", async () => {
    const { log, clock } = memoryLog();
    const match = (data: { n?: unknown }) => {
      if (data.n === 1) log.append([newEntry(n(2))]);
      return true;
    };
    const reader = new View({ log, name: NAME, audience: "me", clock, match }).reader(0);
    const first = reader.changed();
    log.append([newEntry(n(1))]);
    await first;
    expect(seqs(now(reader.take(1)))).toEqual([1]);
    await reader.changed();
    expect(seqs(now(reader.take(9)))).toEqual([2]);
  });
});

describe("on a log that answers later", () => {
  function later() {
    const { log, clock } = memoryLog();
    let failures = 0;
    const read = async (request: Parameters<EventLog["read"]>[0]): Promise<Page> => {
      await settle();
      if (failures > 0) {
        failures -= 1;
        throw new Error("disk");
      }
      return log.read(request);
    };
    const slow = wrapLog(log, { read });
    const fail = (times: number) => {
      failures = times;
    };
    return { log, fail, view: new View({ log: slow, name: NAME, audience: "me", clock, match: isEven }) };
  }

  it("take waits for the read; changed wakes for appends during a read", async () => {
    const { log, view } = later();
    log.append([newEntry(n(1)), newEntry(n(2))]);
    const reader = view.reader(0);
    expect(seqs(await reader.take(9))).toEqual([2]);
    expect(await reader.takeReady(9)).toMatchObject({ items: [], through: 2, more: false });
    const woken = reader.changed();
    log.append([newEntry(n(1))]);
    log.append([newEntry(n(4))]);
    await woken;
    expect(seqs(await reader.take(9))).toEqual([4]);
  });

  it("what the log throws reaches one reader, and the next take reads again", async () => {
    const { log, view, fail } = later();
    log.append([newEntry(n(2))]);
    const reader = view.reader(0);
    fail(1);
    await expect(async () => reader.take(9)).rejects.toThrow("disk");
    expect(seqs(await reader.take(9))).toEqual([1]);
    fail(1);
    log.append([newEntry(n(4))]);
    await reader.changed();
    await expect(async () => reader.take(9)).rejects.toThrow("disk");
    await reader.changed();
    expect(seqs(await reader.take(9))).toEqual([2]);
  });
});

describe("options", () => {
  it("names the option that is wrong, and checks ringSize against lookAhead", () => {
    expect(() => setUp({ lookAhead: 0 })).toThrow(/lookAhead must be an integer of at least 1/);
    expect(() => setUp({ lookAhead: 10, ringSize: 19 })).toThrow(
      /ringSize must be an integer of at least 20/,
    );
    expect(() => setUp({ lookAhead: 500 })).not.toThrow();
  });
});
