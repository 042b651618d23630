import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { NewEntry } from "./contracts";
import { memoryStore } from "./memory-store";
import { memoryLog, newEntry } from "./testing/fixtures";
import { ManualClock } from "./testing/manual-clock";

const seqs = (page: { entries: readonly { seq: number }[] }) => page.entries.map((entry) => entry.seq);
const code = (code: string) => expect.objectContaining({ code });

describe("append", () => {
  it("numbers entries 1, 2, 3, … and keeps append time monotone when the clock goes back (rule 4)", () => {
    const { log, clock } = memoryLog();
    log.append([newEntry()]);
    clock.jump(-5000);
    log.append([newEntry(), newEntry()]);
    const { entries } = log.read({ after: 0, limit: 10 });
    expect(seqs({ entries })).toEqual([1, 2, 3]);
    expect(new Set(entries.map((entry) => entry.appendedAt)).size).toBe(1);
  });

  it("ORDERING rule 1: takes all of a batch or none, and leaves no trace of a refused one", () => {
    const { log } = memoryLog();
    log.append([newEntry({ eventId: "taken" })]);
    const batch = [newEntry({ eventId: "new" }), newEntry({ eventId: "taken", audience: "a" })];
    expect(() => log.append(batch)).toThrow(code("event_id_conflict"));
    expect(log.head().seq).toBe(1);
    expect(log.append([newEntry({ eventId: "new" })])).toEqual([{ epoch: 7, seq: 2, duplicate: false }]);
  });

  it("refuses data that is not JSON, whole batch, with the event's name in the error [pitfall 23]", () => {
    const { log } = memoryLog();
    const bad = newEntry({ eventId: "big", data: { n: 1n } });
    expect(() => log.append([newEntry(), bad])).toThrow(/"big" is not JSON/);
    expect(log.size().entries).toBe(0);
  });

  it("tells watchers the types that were appended, not those of duplicates", () => {
    const { log } = memoryLog();
    const seen: string[][] = [];
    const stop = log.watch((names) => seen.push([...names]));
    log.append([newEntry({ name: "a", eventId: "1" }), newEntry({ name: "b" })]);
    log.append([newEntry({ name: "a", eventId: "1" })]);
    stop();
    log.append([newEntry()]);
    expect(seen).toEqual([["a", "b"]]);
  });

  it("stands when a watcher throws: the entries are in the log", () => {
    const { log } = memoryLog();
    log.watch(() => {
      throw new Error("watcher");
    });
    expect(log.append([newEntry()])[0]?.seq).toBe(1);
  });
});

describe("event ids (rule 2)", () => {
  it("collapses an id within its audience, also inside one batch, and answers with the first position", () => {
    const { log } = memoryLog();
    const [first, again] = log.append([newEntry({ eventId: "x" }), newEntry({ eventId: "x" })]);
    expect([first?.seq, first?.duplicate, again?.seq, again?.duplicate]).toEqual([1, false, 1, true]);
    log.append([newEntry({ eventId: "y", audience: "a" })]);
    expect(log.append([newEntry({ eventId: "y", audience: "a" })])[0]).toMatchObject({
      seq: 2,
      duplicate: true,
    });
    expect(log.append([newEntry({ eventId: "y", audience: "b" })])[0]).toMatchObject({
      seq: 3,
      duplicate: false,
    });
  });

  it("refuses an id of everybody for a narrower audience, and the reverse [pitfall 8]", () => {
    const { log } = memoryLog();
    log.append([newEntry({ eventId: "all" }), newEntry({ eventId: "one", audience: "a" })]);
    expect(() => log.append([newEntry({ eventId: "all", audience: "a" })])).toThrow(
      code("event_id_conflict"),
    );
    expect(() => log.append([newEntry({ eventId: "one" })])).toThrow(code("event_id_conflict"));
  });

  it("refuses an id of another event type rather than swallow the event", () => {
    const { log } = memoryLog();
    log.append([newEntry({ eventId: "x", name: "a" })]);
    expect(() => log.append([newEntry({ eventId: "x", name: "b" })])).toThrow(
      /event type "a", and now for "b"/,
    );
  });

  it("remembers an id as long as the entry, or for dedupeWindowMs", async () => {
    const { log, clock } = memoryLog({ maxEntries: 2, dedupeWindowMs: 1000 });
    log.append([newEntry({ eventId: "x" })]);
    await clock.advance(999);
    expect(log.append([newEntry({ eventId: "x" })])[0]?.duplicate).toBe(true);
    await clock.advance(1);
    expect(log.append([newEntry({ eventId: "x" })])[0]).toMatchObject({ seq: 2, duplicate: false });
    log.append([newEntry()]);
    expect(log.append([newEntry({ eventId: "x" })])[0]).toMatchObject({ seq: 2, duplicate: true });
    log.truncate();
    expect(log.append([newEntry({ eventId: "x" })])[0]).toMatchObject({ seq: 4, duplicate: false });
  });
});

describe("retention", () => {
  it("keeps maxEntries, maxBytes and maxAgeMs, and always the newest by size", async () => {
    const byCount = memoryLog({ maxEntries: 3 }).log;
    byCount.append(Array.from({ length: 5 }, () => newEntry()));
    expect(seqs(byCount.read({ after: 2, limit: 10 }))).toEqual([3, 4, 5]);
    const byBytes = memoryLog({ maxBytes: 1000 }).log;
    byBytes.append([
      newEntry({ data: { text: "a".repeat(400) } }),
      newEntry({ data: { text: "a".repeat(400) } }),
    ]);
    expect(byBytes.size().entries).toBe(1);
    byBytes.append([newEntry({ data: { text: "a".repeat(5000) } })]);
    expect(byBytes.size().entries).toBe(1);
    const byAge = memoryLog({ maxAgeMs: 1000 });
    byAge.log.append([newEntry()]);
    await byAge.clock.advance(1001);
    expect(byAge.log.size()).toEqual({ entries: 0, bytes: 0 });
    expect(byAge.clock.pending).toBe(0);
  });

  it("CUR-6: says truncated only when an entry of the type asked for was dropped [pitfall 10]", () => {
    const { log } = memoryLog({ maxEntries: 10 });
    log.append([newEntry({ name: "rare" })]);
    for (let n = 0; n < 50; n += 1) log.append([newEntry({ name: "busy" })]);
    expect(log.read({ after: 1, names: ["rare"], limit: 5 })).toMatchObject({
      truncated: false,
      through: 51,
    });
    expect(log.read({ after: 0, names: ["rare"], limit: 5 })).toMatchObject({ truncated: true, from: 1 });
    expect(log.read({ after: 1, names: ["busy"], limit: 5 })).toMatchObject({ truncated: true, from: 41 });
    expect(log.read({ after: 0, names: ["never"], limit: 5 })).toMatchObject({
      truncated: false,
      through: 51,
    });
  });

  it("forgets types beyond 10,000 that have no entries, and then rather says truncated", () => {
    const { log } = memoryLog();
    for (let type = 0; type < 10_002; type += 1) log.append([newEntry({ name: `t${type}`, dataBytes: 2 })]);
    log.truncate();
    expect(log.read({ after: 1, names: ["t0"], limit: 5 })).toMatchObject({ truncated: true, from: 2 });
    expect(log.read({ after: 2, names: ["t0"], limit: 5 })).toMatchObject({ truncated: false });
    expect(log.read({ after: 2, names: ["t2"], limit: 5 })).toMatchObject({ truncated: true, from: 3 });
  });

  it("truncate() drops all so far, as retention would; numbers go on", () => {
    const { log } = memoryLog();
    log.append([newEntry(), newEntry()]);
    log.truncate();
    expect(log.read({ after: 0, limit: 5 })).toMatchObject({
      entries: [],
      truncated: true,
      from: 2,
      through: 2,
    });
    expect(log.append([newEntry()])[0]?.seq).toBe(3);
  });
});

describe("read", () => {
  it("rule 3: a cursor ahead of the head is answered empty and unchanged", () => {
    const { log } = memoryLog();
    log.append([newEntry()]);
    expect(log.read({ after: 9, limit: 5 })).toMatchObject({
      entries: [],
      from: 9,
      through: 9,
      truncated: false,
    });
  });

  it("a full page ends at its last entry, unless nothing of these types follows: then at the head (CUR-4)", () => {
    const { log } = memoryLog();
    log.append([newEntry({ name: "a" }), newEntry({ name: "a" }), newEntry({ name: "b" })]);
    expect(log.read({ after: 0, names: ["a"], limit: 1 })).toMatchObject({ through: 1, head: 3 });
    expect(log.read({ after: 0, names: ["a"], limit: 2 })).toMatchObject({ through: 3, head: 3 });
    expect(log.read({ after: 0, names: ["a"], limit: 0 })).toMatchObject({ through: 0, entries: [] });
  });

  it("seqBefore: the last entry before a time; never past what retention has taken (rule 4)", async () => {
    const { log, clock } = memoryLog({ maxEntries: 2 });
    const start = clock.now();
    for (let n = 0; n < 3; n += 1) {
      log.append([newEntry()]);
      await clock.advance(10);
    }
    expect(log.seqBefore(start + 20)).toBe(2);
    expect(log.seqBefore(start + 21)).toBe(3);
    expect(log.seqBefore(start + 10)).toBe(1);
    expect(log.seqBefore(start)).toBe(0);
  });

  it("a read of a rare type does not touch the entries of others [pitfall 39]", () => {
    const { log } = memoryLog();
    log.append(Array.from({ length: 2000 }, () => newEntry({ name: "busy" })));
    let touched = 0;
    for (const entry of log.read({ after: 0, limit: 2000 }).entries) {
      const { seq } = entry;
      Object.defineProperty(entry, "seq", { get: () => ++touched && seq });
    }
    log.append([newEntry({ name: "rare" })]);
    expect(seqs(log.read({ after: 0, names: ["rare"], limit: 10 }))).toEqual([2001]);
    expect(touched).toBe(0);
    log.read({ after: 0, names: ["busy"], limit: 10 });
    expect(touched).toBeGreaterThan(0);
  });

  it("property: pages by any names, limits and retention are what a plain list gives", () => {
    const name = fc.constantFrom("a", "b", "c");
    const batch = fc.array(name, { minLength: 1, maxLength: 4 });
    const read = fc.record({
      names: fc.option(fc.array(name, { minLength: 1 })),
      after: fc.nat(60),
      limit: fc.nat(6),
    });
    fc.assert(
      fc.property(
        fc.array(batch, { maxLength: 20 }),
        fc.array(read),
        fc.integer({ min: 1, max: 12 }),
        (appends, reads, maxEntries) => {
          const { log } = memoryLog({ maxEntries });
          for (const names of appends) log.append(names.map((name) => newEntry({ name })));
          const all = appends.flat().map((name, index) => ({ name, seq: index + 1 }));
          const kept = all.slice(-maxEntries);
          const gone = all.slice(0, all.length - kept.length);
          for (const { names, after, limit } of reads) {
            const asked = (entry: { name: string }) =>
              names === null || names.some((name) => name === entry.name);
            const page = log.read({ after, limit, names: names ?? undefined });
            const lost = gone.filter(asked).at(-1)?.seq ?? 0;
            const rest = kept.filter((entry) => asked(entry) && entry.seq > Math.max(after, lost));
            expect(page.truncated).toBe(lost > after);
            expect(seqs(page)).toEqual(rest.slice(0, limit).map((entry) => entry.seq));
            const end =
              rest.length > limit ? (rest[limit - 1]?.seq ?? page.from) : Math.max(page.from, all.length);
            expect(page.through).toBe(end);
          }
        },
      ),
    );
  });
});

describe("upstream groups (rule 6)", () => {
  const from = (group: string, before: string | null, eventId: string): NewEntry =>
    newEntry({ eventId, audience: group, upstream: { group, before } });

  it("appends only from the cursor the upstream was asked from: of two pollers one is refused", () => {
    const { log } = memoryLog();
    log.append([], { upstream: { group: "g", from: undefined, to: "5" } });
    log.append([from("g", "5", "a")], { upstream: { group: "g", from: "5", to: "6" } });
    const late = () => log.append([from("g", "5", "b")], { upstream: { group: "g", from: "5", to: "7" } });
    expect(late).toThrow(expect.objectContaining({ code: "append_conflict", retryable: true }));
    expect(() => log.append([], { upstream: { group: "g", from: undefined, to: "9" } })).toThrow(
      /stands at "6"/,
    );
    expect(log.head().seq).toBe(1);
    expect(log.upstream("g")).toEqual({ cursor: "6", seq: 1 });
  });

  it("a refused batch does not move the cursor", () => {
    const { log } = memoryLog();
    log.append([newEntry({ eventId: "a" })]);
    log.append([], { upstream: { group: "g", from: undefined, to: "5" } });
    expect(() =>
      log.append([from("g", "5", "a")], { upstream: { group: "g", from: "5", to: "6" } }),
    ).toThrow();
    expect(log.upstream("g")?.cursor).toBe("5");
  });

  it("in quiet times the cursor moves and the number stays: readers past the group's last entry are caught up", () => {
    const { log } = memoryLog();
    log.append([], { upstream: { group: "g", from: undefined, to: null } });
    log.append([from("g", null, "a")], { upstream: { group: "g", from: null, to: "1" } });
    log.append([newEntry(), newEntry()]);
    log.append([], { upstream: { group: "g", from: "1", to: "2" } });
    expect(log.upstream("g")).toEqual({ cursor: "2", seq: 1 });
  });

  it("D5: a new log restarted from one old cursor goes on for others only where it knows theirs", () => {
    const { log } = memoryLog();
    log.append([from("g", "9", "e10")], { upstream: { group: "g", from: undefined, to: "10" } });
    expect(log.locate("g", "5")).toBeUndefined();
    expect(log.locate("g", "9")).toBe(0);
    expect(log.locate("g", "10")).toBe(1);
    expect(log.locate("other", "9")).toBeUndefined();
  });

  it("D6: a cursor inside a batch goes on after its last event: nothing twice [pitfall 2]", () => {
    const { log } = memoryLog();
    const batch = ["a", "b", "c", "d"].map((id) => from("g", "u0", id));
    log.append([newEntry()]);
    log.append(batch, { upstream: { group: "g", from: undefined, to: "u1" } });
    expect(log.locate("g", "u0", "b")).toBe(3);
    expect(seqs(log.read({ after: 3, limit: 9 }))).toEqual([4, 5]);
    expect(log.locate("g", "u0", "zz")).toBeUndefined();
    expect(log.locate("h", "u0", "b")).toBeUndefined();
  });

  it("D12: after a quiet start the starting cursor itself is known", () => {
    const { log } = memoryLog();
    log.append([newEntry()]);
    log.append([], { upstream: { group: "g", from: undefined, to: "19" } });
    expect(log.locate("g", "19")).toBe(1);
    expect(log.locate("g", "9")).toBeUndefined();
  });

  it("an upstream whose cursor does not move is located at its first place: rather again than never", () => {
    const { log } = memoryLog();
    log.append([from("g", "c", "a")], { upstream: { group: "g", from: undefined, to: "c" } });
    log.append([from("g", "c", "b")], { upstream: { group: "g", from: "c", to: "c" } });
    expect(log.locate("g", "c")).toBe(0);
  });

  it("remembers a bounded number of groups and cursors; the least recently moved is forgotten first", () => {
    const { log } = memoryLog({ maxGroups: 2, maxCursors: 4 });
    for (const group of ["a", "b"]) log.append([], { upstream: { group, from: undefined, to: "0" } });
    log.append([], { upstream: { group: "a", from: "0", to: "1" } });
    log.append([], { upstream: { group: "c", from: undefined, to: "0" } });
    expect(["a", "b", "c"].map((group) => log.upstream(group)?.cursor)).toEqual(["1", undefined, "0"]);
    log.append([], { upstream: { group: "a", from: "1", to: "2" } });
    expect([log.locate("b", "0"), log.locate("a", "2"), log.locate("c", "0")]).toEqual([undefined, 0, 0]);
  });
});

describe("memoryStore", () => {
  it("ORD-7: every store is a new epoch, also within one millisecond, and one that starts with the clock set back [pitfall 3]", () => {
    const clock = new ManualClock();
    const epochs = [0, 0, -60_000].map((jump) => {
      clock.jump(jump);
      return memoryStore({ clock }).open("events").head().epoch;
    });
    expect(epochs[1]).toBeGreaterThan(epochs[0]!);
    expect(epochs[2]).toBeGreaterThan(epochs[1]!);
  });

  it("opens the same log for the same name, and none after close", () => {
    const store = memoryStore();
    const log = store.open("events");
    expect(store.open("events")).toBe(log);
    expect(store.open("other")).not.toBe(log);
    store.close();
    expect(() => store.open("events")).toThrow(code("closed"));
    expect(() => log.append([newEntry()])).toThrow(code("closed"));
  });

  it("names the option that is wrong", () => {
    expect(() => memoryStore({ maxBytes: 0 })).toThrow(/maxBytes must be greater than 0, got 0/);
    expect(() => memoryStore({ maxAgeMs: Number.NaN })).toThrow(code("option_invalid"));
  });
});
