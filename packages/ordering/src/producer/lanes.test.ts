import { describe, expect, it, vi } from "vitest";
import { Deque } from "../deque";
import { Lanes, type LanesOptions } from "./lanes";
import type { LaneEntry, Outgoing } from "./outgoing";

type Fields = Partial<LaneEntry<string>>;

function lanesOf(options: Partial<LanesOptions> = {}) {
  return new Lanes<string>({ guarantee: "subscription", window: 0, through: 0, ...options });
}

/** Pushes 1, 2, 3, … with these keys; `-`: without one. */
function pushKeys(lanes: Lanes<string>, keys: string, fields: Record<number, Fields> = {}): void {
  for (const [index, key] of [...keys].entries()) {
    const seq = index + 1;
    lanes.push({ item: "", seq, prev: index, key: key === "-" ? undefined : key, ...fields[seq] });
  }
}

function push(lanes: Lanes<string>, count: number, fields: Record<number, Fields> = {}): void {
  pushKeys(lanes, "-".repeat(count), fields);
}

function takeAll(lanes: Lanes<string>, now = 0): Outgoing<string>[] {
  const all: Outgoing<string>[] = [];
  for (let one = lanes.next(now); one !== undefined; one = lanes.next(now)) all.push(one);
  return all;
}

const seqs = (outgoing: readonly Outgoing<string>[]) => outgoing.map(({ seq }) => seq);
const one = (lanes: Lanes<string>, now = 0) => lanes.next(now) as Outgoing<string>;

describe("strict order", () => {
  it("ORDERING rule 10: the next of a lane leaves after the one before was accepted", () => {
    const lanes = lanesOf();
    push(lanes, 3);
    const posted: number[] = [];
    for (let taken = takeAll(lanes); taken.length > 0; taken = takeAll(lanes)) {
      posted.push(...seqs(taken));
      expect([taken.length, lanes.flying]).toEqual([1, 1]);
      lanes.settle(taken[0]!);
    }
    expect([posted, lanes.flying, lanes.open]).toEqual([[1, 2, 3], 0, 0]);
  });

  it("ORDERING rule 10: keys are independent lanes; events without a key share one", () => {
    const lanes = lanesOf({ guarantee: "key" });
    pushKeys(lanes, "a-ba-b");
    const [a, none, b] = takeAll(lanes);
    expect(seqs([a!, none!, b!])).toEqual([1, 2, 3]);
    lanes.settle(b!);
    expect(seqs(takeAll(lanes))).toEqual([6]);
    lanes.retry(a!, 50, true);
    lanes.settle(none!);
    expect(seqs(takeAll(lanes))).toEqual([5]);
    expect(seqs(takeAll(lanes, 50))).toEqual([1]);
  });

  it("ORDERING rule 10: with guarantee subscription keys make no lanes", () => {
    const lanes = lanesOf();
    pushKeys(lanes, "ab");
    expect(seqs(takeAll(lanes))).toEqual([1]);
  });

  it("ORDERING rule 11: while an event is retried nothing later in its lane is given", () => {
    const lanes = lanesOf();
    push(lanes, 2);
    const first = one(lanes);
    expect([first.attempts, first.firstAttemptAt, first.behind]).toEqual([0, 0, false]);
    lanes.retry(first, 100, true);
    expect([takeAll(lanes, 99), lanes.dueAt()]).toEqual([[], 100]);
    const again = one(lanes, 100);
    expect([again.seq, again.attempts, again.firstAttemptAt]).toEqual([1, 1, 0]);
    expect([lanes.dueAt(), takeAll(lanes, 1_000)]).toEqual([undefined, []]);
    expect(seqs(lanes.settle(again))).toEqual([1]);
    expect(seqs(takeAll(lanes, 1_000))).toEqual([2]);
  });
});

describe("within a window", () => {
  it("ORDERING rule 10: up to window are in flight", () => {
    const lanes = lanesOf({ window: 3 });
    push(lanes, 5);
    const taken = takeAll(lanes);
    expect([seqs(taken), lanes.flying]).toEqual([[1, 2, 3], 3]);
    lanes.settle(taken[1]!);
    expect(seqs(takeAll(lanes))).toEqual([4]);
  });

  it("ORDERING rule 11: the lowest unsettled event always has a slot", () => {
    const lanes = lanesOf({ window: 2, guarantee: "key" });
    pushKeys(lanes, "abcd");
    const [a, b] = takeAll(lanes) as [Outgoing<string>, Outgoing<string>];
    lanes.retry(a, 100, true);
    expect(takeAll(lanes)).toEqual([]);
    lanes.settle(b);
    expect(seqs(takeAll(lanes))).toEqual([3]);
    expect(seqs(takeAll(lanes, 100))).toEqual([1]);
  });

  it("ORDERING rule 11: while an event is retried nothing later in its lane is given, in other lanes all", () => {
    const lanes = lanesOf({ window: 8, guarantee: "key" });
    pushKeys(lanes, "ab");
    const [a] = takeAll(lanes) as [Outgoing<string>];
    lanes.retry(a, 100, true);
    lanes.push({ item: "a3", seq: 3, prev: 2, key: "a" });
    lanes.push({ item: "b4", seq: 4, prev: 3, key: "b" });
    expect(seqs(takeAll(lanes))).toEqual([4]);
    expect(seqs(takeAll(lanes, 100))).toEqual([1]);
    lanes.settle(a);
    expect(seqs(takeAll(lanes, 100))).toEqual([3]);
  });

  it("ORDERING rule 11: with guarantee subscription a retried event holds back all later ones", () => {
    const lanes = lanesOf({ window: 8 });
    push(lanes, 2);
    const [, second] = takeAll(lanes) as [Outgoing<string>, Outgoing<string>];
    lanes.retry(second, 100, true);
    lanes.push({ item: "", seq: 3, prev: 2 });
    expect(seqs(takeAll(lanes))).toEqual([]);
    expect(seqs(takeAll(lanes, 100))).toEqual([2]);
  });

  it("ORDERING rule 11: a refusal behind an unsettled event is no attempt, and the others go on", () => {
    const lanes = lanesOf({ window: 2 });
    push(lanes, 3);
    const [first, second] = takeAll(lanes) as [Outgoing<string>, Outgoing<string>];
    expect([first.behind, second.behind]).toEqual([false, true]);
    lanes.retry(second, 100, false);
    expect([second.attempts, seqs(takeAll(lanes))]).toEqual([0, [3]]);
  });

  it("ORDERING rule 11: what was refused behind an unsettled event is due as soon as that is settled", () => {
    const lanes = lanesOf({ window: 4, guarantee: "key" });
    pushKeys(lanes, "baa");
    const [, second, third] = takeAll(lanes) as [Outgoing<string>, Outgoing<string>, Outgoing<string>];
    lanes.retry(third, 5_000, false);
    expect([takeAll(lanes, 10), lanes.dueAt()]).toEqual([[], 5_000]);
    lanes.settle(second);
    expect(lanes.dueAt()).toBe(0);
    const again = one(lanes, 10);
    expect([again.seq, again.behind]).toEqual([3, false]);
    lanes.retry(again, 6_000, true);
    expect([lanes.next(5_999), lanes.dueAt()]).toEqual([undefined, 6_000]);
  });

  it("ORD-1: events without a key are one line of their own: each names the one before it in that line", () => {
    const lanes = lanesOf({ guarantee: "key", through: 0 });
    pushKeys(lanes, "a-b-");
    const taken = takeAll(lanes) as Outgoing<string>[];
    expect(taken.map(({ seq, keyPrev }) => [seq, keyPrev])).toEqual([
      [1, 0],
      [2, 0],
      [3, 0],
    ]);
    lanes.settle(taken[1]!);
    expect(takeAll(lanes).map(({ seq, keyPrev }) => [seq, keyPrev])).toEqual([[4, 2]]);
  });

  it("ORDERING rule 11: an event without a key is behind every unsettled one, for a receiver that looks only at keys", () => {
    const lanes = lanesOf({ window: 4, guarantee: "key" });
    pushKeys(lanes, "a-");
    expect(takeAll(lanes).map(({ behind }) => behind)).toEqual([false, true]);
  });

  it("ORD-1: keyPrev is exact although the view forgot the key, so that nothing overtakes its own key", () => {
    const lanes = lanesOf({ window: 8, guarantee: "key", through: 5, last: 3 });
    const add = (seq: number, key: string) => lanes.push({ item: "", seq, prev: lanes.last, key });
    add(6, "a");
    add(7, "b");
    add(8, "a");
    const taken = takeAll(lanes) as Outgoing<string>[];
    expect(taken.map(({ seq, keyPrev, behind }) => [seq, keyPrev, behind])).toEqual([
      [6, 3, false],
      [7, 3, false],
      [8, 6, true],
    ]);
    lanes.settle(taken[0]!);
    lanes.settle(taken[2]!);
    add(9, "a");
    add(10, "c");
    expect(takeAll(lanes).map(({ seq, keyPrev }) => [seq, keyPrev])).toEqual([
      [9, 8],
      [10, 6],
    ]);
  });

  it("ORDERING rule 11: dueAt is never a time at which next has nothing", () => {
    const lanes = lanesOf({ window: 2 });
    push(lanes, 2);
    const [first, second] = takeAll(lanes) as [Outgoing<string>, Outgoing<string>];
    lanes.retry(second, 10, false);
    expect(lanes.dueAt()).toBe(10);
    lanes.retry(first, 500, true);
    expect([takeAll(lanes, 20), lanes.dueAt()]).toEqual([[], 500]);

    const full = lanesOf({ window: 2, guarantee: "key" });
    pushKeys(full, "abc");
    const [, b] = takeAll(full) as [Outgoing<string>, Outgoing<string>];
    full.retry(b, 10, true);
    expect(seqs(takeAll(full))).toEqual([3]);
    expect([takeAll(full, 20), full.dueAt()]).toEqual([[], undefined]);
  });

  it("what is settled far ahead of a stuck event costs nothing at each next", () => {
    const lanes = lanesOf({ window: 8, guarantee: "key", capacity: 16 });
    const add = (seq: number) => lanes.push({ item: "", seq, prev: seq - 1, key: `k${seq}` });
    add(1);
    const stuck = one(lanes);
    lanes.retry(stuck, Number.MAX_SAFE_INTEGER, true);
    const at = vi.spyOn(Deque.prototype, "at");
    for (let seq = 2; lanes.room > 0; seq += 1) {
      add(seq);
      lanes.settle(one(lanes));
    }
    const looked = at.mock.calls.length;
    at.mockRestore();
    expect([lanes.through, lanes.open]).toEqual([0, 1]);
    expect(looked).toBeLessThan(4_096 * 40);
  });
});

describe("the watermark", () => {
  it("ORDERING rule 13 [pitfall 16]: is contiguous, never the largest accepted", () => {
    const lanes = lanesOf({ window: 4 });
    push(lanes, 4);
    const [first, second, third, fourth] = takeAll(lanes) as Outgoing<string>[];
    expect(seqs(lanes.settle(fourth!))).toEqual([]);
    expect(seqs(lanes.settle(second!))).toEqual([]);
    expect([lanes.through, lanes.last, lanes.open]).toEqual([0, 0, 2]);
    expect(seqs(lanes.settle(first!))).toEqual([1, 2]);
    expect([lanes.through, lanes.last]).toEqual([2, 2]);
    expect(seqs(lanes.settle(third!))).toEqual([3, 4]);
    expect([lanes.through, lanes.last]).toEqual([4, 4]);
  });

  it("passes what the view does not have only when nothing is open; last stays an event", () => {
    const lanes = lanesOf({ through: 10, last: 7 });
    expect([lanes.through, lanes.last]).toEqual([10, 7]);
    lanes.scanned(12);
    lanes.scanned(11);
    expect([lanes.through, lanes.last]).toEqual([12, 7]);
    lanes.push({ item: "", seq: 14, prev: 7 });
    lanes.scanned(20);
    expect(lanes.through).toBe(12);
    lanes.settle(one(lanes));
    expect([lanes.through, lanes.last]).toEqual([20, 14]);
  });

  it("an outcome told twice, or of what is not in flight, changes nothing", () => {
    const lanes = lanesOf();
    push(lanes, 2);
    const first = one(lanes);
    lanes.settle(first);
    expect(lanes.settle(first)).toEqual([]);
    lanes.retry(first, 0, true);
    lanes.giveUp(first);
    expect([lanes.open, lanes.flying, lanes.through, first.gap, lanes.givenUp()]).toEqual([
      1,
      0,
      1,
      false,
      [],
    ]);
    const second = one(lanes);
    lanes.retry(second, 5, true);
    lanes.retry(second, 99, true);
    expect([lanes.flying, lanes.dueAt(), second.attempts]).toEqual([0, 5, 1]);
  });

  it("ORDERING rule 13: only the lowest unsettled one's body may carry a cursor at itself", () => {
    const lanes = lanesOf({ window: 3 });
    push(lanes, 3);
    const taken = takeAll(lanes) as Outgoing<string>[];
    expect(taken.map((outgoing) => lanes.isLowest(outgoing))).toEqual([true, false, false]);
    lanes.settle(taken[1]!);
    lanes.settle(taken[0]!);
    expect(lanes.isLowest(taken[2]!)).toBe(true);
    lanes.settle(taken[2]!);
    expect(lanes.isLowest(taken[2]!)).toBe(false);
  });
});

describe("giving up", () => {
  for (const window of [0, 4]) {
    it(`ORDERING rule 14: a gap takes the place of the event, and later ones wait for it (window ${window})`, () => {
      const lanes = lanesOf({ window });
      push(lanes, 1);
      const event = one(lanes);
      lanes.retry(event, 0, true);
      lanes.giveUp(one(lanes));
      lanes.push({ item: "", seq: 2, prev: 1 });
      expect([lanes.givenUp(), lanes.through]).toEqual([[1], 0]);
      const gap = one(lanes, 50);
      expect(gap).toMatchObject({ seq: 1, prev: 0, gap: true, attempts: 0, firstAttemptAt: 50 });
      expect(takeAll(lanes, 50)).toEqual([]);
      lanes.retry(gap, 90, true);
      expect(takeAll(lanes, 89)).toEqual([]);
      lanes.settle(one(lanes, 90));
      expect([lanes.givenUp(), lanes.last]).toEqual([[], 1]);
      expect(seqs(takeAll(lanes, 90))).toEqual([2]);
    });
  }

  it("ORDERING rule 14: what was given up stays so until the watermark passes it, though its gap was accepted", () => {
    const lanes = lanesOf({ window: 4, guarantee: "key" });
    pushKeys(lanes, "ab");
    const [a, b] = takeAll(lanes) as [Outgoing<string>, Outgoing<string>];
    lanes.giveUp(b);
    lanes.settle(one(lanes));
    expect([lanes.through, lanes.givenUp()]).toEqual([0, [2]]);
    lanes.settle(a);
    expect([lanes.through, lanes.givenUp()]).toEqual([2, []]);
  });

  it("ORDERING rules 12, 14: what an earlier owner gave up is a gap for the next ones too, however far they read", () => {
    const lanes = lanesOf({ through: 3, givenUp: [9, 5] });
    expect(lanes.givenUp()).toEqual([5, 9]);
    lanes.push({ item: "", seq: 4, prev: 3 });
    lanes.push({ item: "", seq: 5, prev: 4 });
    lanes.settle(one(lanes));
    const gap = one(lanes);
    expect([gap.seq, gap.gap, lanes.givenUp()]).toEqual([5, true, [5, 9]]);
    lanes.settle(gap);
    expect(lanes.givenUp()).toEqual([9]);
    lanes.scanned(10);
    expect(lanes.givenUp()).toEqual([]);
  });

  it("ORDERING rule 14: a gap from the beginning is given up, a barrier is not", () => {
    const lanes = lanesOf();
    push(lanes, 2, { 1: { gap: true }, 2: { gap: true, barrier: true } });
    expect(lanes.givenUp()).toEqual([1]);
  });

  it("[pitfall 7] after a suspension everything that waits is due, with all its attempts", () => {
    const lanes = lanesOf({ guarantee: "key" });
    pushKeys(lanes, "ab");
    for (const outgoing of takeAll(lanes)) lanes.retry(outgoing, 1_000, true);
    lanes.hasten();
    expect(lanes.dueAt()).toBe(0);
    const taken = takeAll(lanes, 700);
    expect(taken.map(({ attempts, firstAttemptAt }) => [attempts, firstAttemptAt])).toEqual([
      [0, 700],
      [0, 700],
    ]);
  });
});

describe("barriers", () => {
  for (const window of [0, 4]) {
    it(`is posted when everything before it is settled, and nothing after it before it is (window ${window})`, () => {
      const lanes = lanesOf({ window, guarantee: "key" });
      pushKeys(lanes, "ab-cd-e", { 3: { barrier: true }, 6: { barrier: true } });
      const steps: number[][] = [];
      for (let taken = takeAll(lanes); taken.length > 0; taken = takeAll(lanes)) {
        steps.push(seqs(taken));
        for (const outgoing of taken.reverse()) lanes.settle(outgoing);
      }
      expect([steps, lanes.through, lanes.open]).toEqual([[[1, 2], [3], [4, 5], [6], [7]], 7, 0]);
    });
  }

  it("one that comes first is posted at once and holds back what follows", () => {
    const lanes = lanesOf({ window: 4 });
    push(lanes, 2, { 1: { barrier: true } });
    const barrier = one(lanes);
    expect([barrier.seq, takeAll(lanes)]).toEqual([1, []]);
    lanes.retry(barrier, 10, true);
    expect([takeAll(lanes, 9), lanes.dueAt()]).toEqual([[], 10]);
    lanes.settle(one(lanes, 10));
    expect(seqs(takeAll(lanes))).toEqual([2]);
  });
});

describe("bounds", () => {
  it("room is what capacity leaves, parked entries counted", () => {
    const lanes = lanesOf({ capacity: 4, window: 4 });
    push(lanes, 3, { 2: { barrier: true } });
    expect([lanes.open, lanes.room]).toEqual([3, 1]);
    lanes.push({ item: "", seq: 4, prev: 3 });
    expect(lanes.room).toBe(0);
    lanes.settle(one(lanes));
    expect([lanes.open, lanes.room]).toEqual([3, 1]);
    expect(lanesOf().room).toBe(256);
  });

  it("settled entries kept ahead of one that is not are bounded too", () => {
    const lanes = lanesOf({ guarantee: "key" });
    lanes.push({ item: "", seq: 1, prev: 0, key: "stuck" });
    const stuck = one(lanes);
    for (let seq = 2; lanes.room > 0; seq += 1) {
      lanes.push({ item: "", seq, prev: seq - 1, key: "k" });
      lanes.settle(one(lanes));
    }
    expect([lanes.open, lanes.through]).toEqual([1, 0]);
    expect(lanes.settle(stuck).length).toBe(4_096);
    expect([lanes.room, lanes.through]).toEqual([256, 4_096]);
  });
});
