import { describe, expect, it } from "vitest";
import type { Batch } from "./reading";
import { memoryLog, newEntry, wrapLog } from "./testing/fixtures";
import { settle } from "./testing/manual-clock";
import { gate, isEven, links, NAME, n, now, seqs, setUp } from "./testing/view-fixtures";
import { View } from "./view";

describe("View and Reader", () => {
  it("answers at once where match, transform and log do", () => {
    const { view, emit } = setUp({ match: isEven, transform: (data) => ({ twice: (data.n as number) * 2 }) });
    emit(n(1), n(2), n(3), n(4));
    const batch = now(view.reader(0).take(10));
    expect(batch.items.map((item) => item.data)).toEqual([{ twice: 4 }, { twice: 8 }]);
    expect(batch).toMatchObject({ epoch: 7, through: 4, more: false, pending: false, head: 4 });
  });

  it("sees its own type and audience only", () => {
    const { view, emit } = setUp();
    emit({ audience: "you" }, { audience: "me" }, { name: "other" }, {});
    expect(seqs(now(view.reader(0).take(10)))).toEqual([2, 4]);
  });

  it("prev is the view's preceding item, or where the reader began if that is later", () => {
    const { view, emit } = setUp({ match: isEven });
    emit(n(2), n(1), n(4), n(1), n(6));
    expect(links(now(view.reader(0).take(10)))).toEqual([
      [0, 1],
      [1, 3],
      [3, 5],
    ]);
    expect(links(now(view.reader(2).take(10)))).toEqual([
      [2, 3],
      [3, 5],
    ]);
  });

  it("keyPrev is the key's preceding item after the reader's start, else the start", () => {
    const { view, emit } = setUp();
    const keys = ["a", "b", undefined, "a", "b"];
    emit(...keys.map((orderingKey) => ({ orderingKey })));
    const early = view.reader(0);
    const keyPrevs = (batch: Batch) => batch.items.map((item) => item.keyPrev);
    expect(keyPrevs(now(early.take(10)))).toEqual([0, 0, undefined, 1, 2]);
    expect(keyPrevs(now(view.reader(1).take(10)))).toEqual([1, undefined, 1, 2]);
  });

  describe("a reader that goes on for another one", () => {
    const marks = (batch: Batch) => batch.items.map(({ entry, prev, keyPrev }) => [entry.seq, prev, keyPrev]);
    const emitAll = (emit: ReturnType<typeof setUp>["emit"]) =>
      emit(
        ...[2, 4, 1, 1, 6, 1, 8, 10].map((value, index) => ({
          ...n(value),
          orderingKey: "abcdabba"[index]!,
        })),
      );

    it("ORDERING rule 12: tells the same prev, and keyPrev not before it, in a stretch of its own", () => {
      const { view, emit } = setUp({ match: isEven });
      emitAll(emit);
      const expected = [
        [5, 2, 2],
        [7, 5, 2],
        [8, 7, 5],
      ];
      for (const after of [2, 3, 4]) {
        const reader = view.reader(after, 2);
        expect(marks(now(reader.take(10)))).toEqual(expected);
        reader.release();
      }
    });

    it("ORDERING rule 12: tells the same in a stretch that others read before", () => {
      const { view, emit } = setUp({ match: isEven });
      emitAll(emit);
      const early = view.reader(0);
      early.take(10);
      expect(marks(now(view.reader(4, 2).take(10)))).toEqual([
        [5, 2, 2],
        [7, 5, 2],
        [8, 7, 5],
      ]);
      expect(marks(now(view.reader(4).take(1)))).toEqual([[5, 4, 4]]);
    });

    it("after what retention took, it begins where the log goes on", () => {
      const { view, emit } = setUp({}, { maxEntries: 3 });
      emit(...["a", "b", "a", "b", "a", "b"].map((orderingKey) => ({ orderingKey })));
      const batch = now(view.reader(1, 1).take(10));
      expect(batch.truncated).toEqual({ from: 1, to: 3 });
      expect(marks(batch)).toEqual([
        [4, 3, 3],
        [5, 4, 3],
        [6, 5, 4],
      ]);
    });
  });

  it("keyPrev of a forgotten key is a greater number, never above prev; the keys remembered are bounded", () => {
    const { view, emit } = setUp({ maxKeys: 2 });
    emit(...["a", "b", "c", "d", "a", "d"].map((orderingKey) => ({ orderingKey })));
    const { items } = now(view.reader(0).take(10));
    expect(items.map((item) => item.keyPrev)).toEqual([0, 0, 0, 1, 2, 4]);
  });

  it("rule 7, CUR-4: the position passes what is not of the view, and other types, but nothing unevaluated", async () => {
    const { evaluate, asked } = gate<boolean>();
    const { view, emit } = setUp({ match: evaluate });
    const reader = view.reader(0);
    emit({ name: "other" }, {}, { name: "other" });
    expect(now(reader.takeReady(9))).toMatchObject({
      items: [],
      through: 1,
      pending: true,
      more: false,
      head: 3,
    });
    asked.get(2)?.resolve(false);
    await settle();
    expect(now(reader.takeReady(9))).toMatchObject({ items: [], through: 3, pending: false });
    emit({ name: "other" });
    expect(now(reader.take(9)).through).toBe(4);
    expect(reader.position).toBe(4);
  });

  it("pages: more says whether taking again says more (POLL-3) [pitfall 1]", () => {
    const { view, emit } = setUp();
    emit({}, {}, {}, { name: "other" });
    const reader = view.reader(0);
    expect(now(reader.take(2))).toMatchObject({ through: 2, more: true });
    expect(now(reader.take(1))).toMatchObject({ through: 4, more: false });
    expect(now(reader.take(1))).toMatchObject({ items: [], through: 4, more: false });
  });

  it("one take looks at scanLimit entries at most, and says that there is more", () => {
    let looked = 0;
    const match = () => ++looked < 0;
    const { view, emit } = setUp({ match, scanLimit: 100 });
    emit(...Array.from({ length: 250 }, () => ({})));
    const reader = view.reader(0);
    expect(now(reader.take(10))).toMatchObject({ items: [], through: 100, more: true });
    expect(looked).toBe(100);
    expect(now(reader.take(10)).through).toBe(200);
    expect(now(reader.take(10))).toMatchObject({ through: 250, more: false });
  });

  it("retention overtook the reader: a hole before what is left, and prev is where it ends (rule 21)", () => {
    const { view, emit, log } = setUp({}, { maxEntries: 2 });
    const reader = view.reader(0);
    emit({}, {}, {}, {});
    const batch = now(reader.take(9));
    expect(batch.truncated).toEqual({ from: 0, to: 2 });
    expect(links(batch)).toEqual([
      [2, 3],
      [3, 4],
    ]);
    emit({});
    log.truncate();
    expect(now(reader.take(9))).toMatchObject({ items: [], truncated: { from: 4, to: 5 }, through: 5 });
  });

  it("a hole never stands between the items of one batch (rule 4)", () => {
    const { view, emit, log } = setUp();
    const reader = view.reader(0);
    emit({}, {});
    void reader.changed();
    emit({});
    log.truncate();
    emit({});
    const first = now(reader.take(9));
    expect([seqs(first), first.truncated, first.more]).toEqual([[1, 2], undefined, true]);
    const second = now(reader.take(9));
    expect([links(second), second.truncated]).toEqual([[[3, 4]], { from: 2, to: 3 }]);
  });

  it("a new epoch of the log is a hole, and reading begins anew", () => {
    const { log, clock, emit } = setUp();
    emit({}, {}, {});
    const restored = memoryLog().log;
    restored.append([newEntry()]);
    let epoch = 7;
    const switching = wrapLog(log, {
      read: (request) => (epoch === 7 ? log.read(request) : { ...restored.read(request), epoch }),
    });
    const reader = new View({ log: switching, name: NAME, audience: "me", clock }).reader(0);
    expect(now(reader.take(2))).toMatchObject({ epoch: 7, through: 2 });
    epoch = 8;
    expect(now(reader.take(2))).toMatchObject({ epoch: 8, truncated: { from: 2, to: 0 }, through: 1 });
  });
});

describe("evaluation (rule 5)", () => {
  it("ORD-1: asynchronous results leave in log order [pitfall 14]", async () => {
    const { evaluate, asked } = gate<boolean>();
    const { view, emit } = setUp({ match: evaluate });
    emit({}, {}, {});
    const reader = view.reader(0);
    const batch = reader.take(9);
    asked.get(3)?.resolve(true);
    asked.get(2)?.resolve(true);
    await settle();
    expect(now(reader.takeReady(9)).items).toEqual([]);
    asked.get(1)?.resolve(true);
    expect(seqs(await batch)).toEqual([1, 2, 3]);
  });

  it("runs at most lookAhead at the same time, and goes on as results leave", async () => {
    const { evaluate, asked, order } = gate<boolean>();
    const { view, emit } = setUp({ match: evaluate, lookAhead: 3 });
    emit(...Array.from({ length: 10 }, () => ({})));
    const reader = view.reader(0);
    const batch = reader.take(9);
    expect(order).toEqual([1, 2, 3]);
    asked.get(3)?.resolve(true);
    await settle();
    expect(order).toEqual([1, 2, 3]);
    asked.get(1)?.resolve(true);
    expect(seqs(await batch)).toEqual([1]);
    expect(order).toEqual([1, 2, 3, 4]);
  });

  it("an exception is retried after a pause, then the event is a gap in its place, never a no [pitfall 14]", async () => {
    const given: number[] = [];
    const match = (data: { n?: unknown }) => {
      if (data.n === 2) throw new Error("filter");
      return true;
    };
    const { view, emit, clock } = setUp({ match, onGiveUp: (entry) => given.push(entry.seq) });
    emit(n(1), n(2), n(3));
    const reader = view.reader(0);
    expect(seqs(now(reader.take(9)))).toEqual([1]);
    const rest = reader.take(9);
    await clock.advance(299);
    expect(given).toEqual([]);
    await clock.advance(1);
    const { items } = await rest;
    expect(items.map(({ kind, prev, entry }) => [kind, prev, entry.seq])).toEqual([
      ["gap", 1, 2],
      ["event", 2, 3],
    ]);
    expect(given).toEqual([2]);
    expect(clock.pending).toBe(0);
  });

  it("a time-out counts as a failure; a late answer of a given-up attempt changes nothing [pitfall 23]", async () => {
    const { evaluate, asked, order } = gate<boolean>();
    const { view, emit, clock } = setUp({ match: evaluate, evaluationTimeoutMs: 1000, evaluationRetries: 1 });
    emit({});
    const reader = view.reader(0);
    const batch = reader.take(9);
    const first = asked.get(1);
    await clock.advance(1100);
    expect(order).toEqual([1, 1]);
    first?.reject(new Error("late"));
    await clock.advance(999);
    asked.get(1)?.resolve(true);
    expect((await batch).items[0]?.kind).toBe("event");
    expect(clock.pending).toBe(0);
  });

  it("an asynchronous transform that fails after its match is retried whole", async () => {
    let calls = 0;
    const transform = async (data: object) => {
      calls += 1;
      if (calls === 1) throw new Error("once");
      return { ...data, calls };
    };
    const { view, emit, clock } = setUp({ match: async () => true, transform });
    emit(n(1));
    const batch = view.reader(0).take(9);
    await clock.advance(100);
    expect((await batch).items[0]?.data).toEqual({ n: 1, calls: 2 });
  });

  it("an upstream gap entry is a gap of the view without any evaluation (rule 6)", () => {
    const { view, emit } = setUp({ match: () => false });
    emit({}, { kind: "gap" }, { kind: "gap", audience: "you" });
    const { items } = now(view.reader(0).take(9));
    expect(items.map(({ kind, entry, data }) => [kind, entry.seq, data])).toEqual([["gap", 2, {}]]);
  });

  it("happens only while there are readers that ask; release drops results and timers", async () => {
    const { evaluate, order } = gate<boolean>();
    const { view, emit, clock } = setUp({ match: evaluate });
    emit({});
    expect(order).toEqual([]);
    const reader = view.reader(0);
    emit({});
    expect(order).toEqual([]);
    const waiting = reader.take(9);
    expect(order).toEqual([1, 2]);
    expect(clock.pending).toBe(2);
    reader.release();
    await expect(waiting).rejects.toMatchObject({ code: "closed" });
    expect([clock.pending, view.readers, view.held]).toEqual([0, 0, 0]);
    emit({});
    expect(order).toEqual([1, 2]);
  });
});

describe("sharing", () => {
  it("evaluates an entry once for all readers of the view, whenever they come by [pitfall 39]", () => {
    let evaluated = 0;
    const match = () => ++evaluated > 0;
    const { view, emit } = setUp({ match });
    const readers = Array.from({ length: 100 }, () => view.reader(0));
    for (const reader of readers) void reader.changed();
    emit({}, {});
    for (const reader of readers) expect(seqs(now(reader.take(9)))).toEqual([1, 2]);
    expect(evaluated).toBe(2);
  });

  it("wakes readers for items of their view only, not for other types or what does not match [pitfall 39]", async () => {
    const { view, emit } = setUp({ match: isEven });
    const reader = view.reader(0);
    now(reader.take(9));
    let woken = 0;
    void reader.changed().then(() => {
      woken += 1;
    });
    emit({ name: "other" }, n(1), n(3), { audience: "you" });
    await settle();
    expect(woken).toBe(0);
    emit(n(2));
    await settle();
    expect(woken).toBe(1);
  });

  it("a reader that lags beyond the ring goes its own way and meets the others again", async () => {
    let evaluated = 0;
    const { view, emit } = setUp({ match: () => ++evaluated > 0, lookAhead: 2, ringSize: 4 });
    const [fast, slow] = [view.reader(0), view.reader(0)];
    for (let i = 0; i < 11; i += 1) {
      emit({});
      now(fast.take(9));
    }
    expect(view.held).toBe(4);
    expect(evaluated).toBe(11);
    const caughtUp = [now(slow.take(6)), now(slow.take(9))];
    expect(caughtUp.flatMap(links)).toEqual(Array.from({ length: 11 }, (_, i) => [i, i + 1]));
    expect(evaluated).toBe(18);
    emit({});
    expect([now(slow.take(9)), now(fast.take(9))].map(seqs)).toEqual([[12], [12]]);
    expect(evaluated).toBe(19);
  });

  it("a reader that begins among results that are held gets its own first link, and the shared items after it", () => {
    const { view, emit } = setUp({ match: isEven });
    emit(n(2), n(1), n(4), n(6));
    const [first, second] = [view.reader(0), view.reader(0)];
    const shared = now(first.take(9)).items;
    const late = now(view.reader(2).take(9));
    expect(links(late)).toEqual([
      [2, 3],
      [3, 4],
    ]);
    expect(late.items[1]).toBe(shared[2]);
    second.release();
  });

  it("a reader that begins among entries under evaluation gets those after its place only", async () => {
    const { evaluate, asked, order } = gate<boolean>();
    const { view, emit } = setUp({ match: evaluate });
    emit({}, {}, {}, {});
    const early = view.reader(0).take(9);
    const late = view.reader(2).take(9);
    for (const { resolve } of asked.values()) resolve(true);
    expect(seqs(await early)).toEqual([1, 2, 3, 4]);
    expect(links(await late)).toEqual([
      [2, 3],
      [3, 4],
    ]);
    expect(order).toEqual([1, 2, 3, 4]);
  });

  it("a reader that does not read costs its position: what is held does not grow [pitfall 19]", async () => {
    const { view, emit } = setUp({}, { maxEntries: 100 });
    const reader = view.reader(0);
    void reader.changed();
    for (let i = 0; i < 20_000; i += 1) emit({ dataBytes: 2 });
    await settle();
    expect(view.held).toBeLessThanOrEqual(64);
    expect(now(reader.take(1)).items).toHaveLength(1);
  });

  it("one slow view does not hold up another of the same type [pitfall 14]", async () => {
    const { evaluate } = gate<boolean>();
    const { view: slow, log, clock, emit } = setUp({ match: evaluate });
    const quick = new View({ log, name: NAME, audience: "you", clock });
    const stuck = slow.reader(0).changed();
    const reader = quick.reader(0);
    const woken = reader.changed();
    emit({});
    await woken;
    expect(seqs(now(reader.take(9)))).toEqual([1]);
    slow.close();
    await stuck;
  });
});
