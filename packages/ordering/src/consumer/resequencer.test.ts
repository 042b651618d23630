import type { OrderingMark } from "@mcp-events/protocol";
import { describe, expect, it } from "vitest";
import { ManualClock } from "../testing/manual-clock";
import type { Outcome, Release } from "./release";
import { Resequencer } from "./resequencer";
import type { ResequencerOptions } from "./resequencer-options";

const at = (seq: number, prev: number, rest: Partial<OrderingMark> = {}) => ({
  mark: { log: "events", epoch: 1, seq, prev, ...rest },
  item: seq,
});
const through = (position: number, epoch = 1) => ({ log: "events", epoch, through: position });
const from = (position: number, options: ResequencerOptions = {}) =>
  new Resequencer<number>({
    clock: new ManualClock(),
    state: { log: "events", epoch: 1, through: position, ahead: [] },
    ...options,
  });

function takeAll(consumer: Resequencer<number>): Release<number>[] {
  const all: Release<number>[] = [];
  for (let one = consumer.take(); one !== undefined; one = consumer.take()) all.push(one);
  return all;
}

/** `7` for an event, `lost(3,5]` for a gap. */
function show(releases: Release<number>[]): (number | string)[] {
  return releases.map((one) =>
    one.kind === "event" ? one.item : `${one.reason}(${one.from ?? "?"},${one.to}]`,
  );
}

const handedOut = (consumer: Resequencer<number>) => show(takeAll(consumer));

describe("directed schedules", () => {
  it("D1 ORDERING rule 21: a truncated poll result's gap ends at the first event's prev", () => {
    const consumer = from(5);
    consumer.answer({
      truncated: true,
      position: through(12),
      events: [at(10, 9), at(11, 10), at(12, 11)],
    });
    expect(handedOut(consumer)).toEqual(["truncated(5,9]", 10, 11, 12]);
    expect(consumer.released?.seq).toBe(12);
  });

  it("ORDERING rule 21: a truncated answer without events ends at its position", () => {
    const consumer = from(5);
    consumer.answer({ truncated: true, position: through(12), events: [] });
    expect(handedOut(consumer)).toEqual(["truncated(5,12]"]);
  });

  it("D3 ORDERING rule 19: a position that would jump over a held event is not taken", () => {
    const consumer = from(4);
    expect(consumer.offer(at(7, 6))).toBe("held");
    consumer.position(through(7));
    expect(consumer.released?.seq).toBe(4);
    consumer.offer(at(5, 4));
    consumer.offer(at(6, 5));
    expect(handedOut(consumer)).toEqual([5, 6, 7]);
  });

  it("ORD-2: a position over a hole before what was committed ahead is not taken; what is missing is asked for", () => {
    const state = { log: "events", epoch: 1, through: 4, ahead: [[5, 6] as const] };
    const consumer = from(4, { guarantee: "key", releaseAhead: false, state });
    expect(consumer.offer(at(6, 5))).toBe("duplicate");
    consumer.position(through(9));
    expect([consumer.released?.seq, consumer.missing?.until]).toEqual([4, 5]);
    consumer.answer({ truncated: false, position: through(9), events: [at(5, 4)] });
    expect(handedOut(consumer)).toEqual([5]);
    expect([consumer.released?.seq, consumer.missing]).toEqual([9, undefined]);
  });

  it("without releaseAhead the guarantee key only tells lanes apart for commits", () => {
    const consumer = from(0, { guarantee: "key", releaseAhead: false });
    expect(consumer.offer(at(3, 2, { key: "b", keyPrev: 0 }))).toBe("held");
  });

  it("D7 ORDERING rule 15: numbers used again in a greater epoch are new events after a reset", () => {
    const consumer = from(5);
    consumer.offer(at(6, 5));
    consumer.offer(at(6, 5, { epoch: 2 }));
    expect(handedOut(consumer)).toEqual([6, "reset(?,5]", 6]);
  });

  it("D11 ORD-3: an answer truncated below the position repeats nothing and is no gap", () => {
    const consumer = from(9);
    consumer.answer({ truncated: true, position: through(7), events: [] });
    consumer.offer(at(8, 7));
    consumer.offer(at(9, 8));
    expect(handedOut(consumer)).toEqual([]);
    expect(consumer.committed?.through).toBe(9);
  });

  it("D13 ORDERING rule 14: a dead letter sent again under its old number is a duplicate", () => {
    const consumer = from(9);
    expect(consumer.offer(at(5, 4))).toBe("duplicate");
  });

  it("D16 ORD-2: what an answer's prev names and the answer does not give is a gap", () => {
    const consumer = from(4);
    consumer.answer({ truncated: false, position: through(6), events: [at(6, 5)] });
    expect(handedOut(consumer)).toEqual(["lost(4,5]", 6]);
  });

  it("D19 ORDERING rule 19: an answer always gets past a held event", () => {
    const consumer = from(8);
    expect(consumer.offer(at(12, 11))).toBe("held");
    consumer.answer({ truncated: false, position: through(11), events: [] });
    expect(handedOut(consumer)).toEqual([12]);
    expect(consumer.missing).toBeUndefined();
  });

  it("D20 ORDERING rule 13: the cursor of an event is stored with its commit, never before", () => {
    const consumer = from(4, { cursor: "c4" });
    consumer.offer({ ...at(5, 4), cursor: "c5" });
    expect(consumer.committedCursor).toBe("c4");
    const [release] = takeAll(consumer);
    expect(consumer.committedCursor).toBe("c4");
    consumer.commit(release as Release<number>);
    expect(consumer.committedCursor).toBe("c5");
  });
});

describe("epochs", () => {
  it("ORDERING rule 15: a smaller epoch is acknowledged and dropped", () => {
    const outcomes: Outcome[] = [];
    const consumer = from(5, { state: { log: "events", epoch: 3, through: 5, ahead: [] } });
    const verdict = consumer.offer({ ...at(6, 5), onOutcome: (outcome) => outcomes.push(outcome) });
    expect([verdict, outcomes, handedOut(consumer)]).toEqual(["stale", ["committed"], []]);
  });

  it("ORDERING rule 15: the answer to our own request is believed, also about a smaller epoch", () => {
    const consumer = from(5, { state: { log: "events", epoch: 3, through: 5, ahead: [] } });
    consumer.answer({ truncated: true, position: through(2), events: [] });
    consumer.offer(at(3, 2));
    expect(handedOut(consumer)).toEqual(["reset(?,2]", 3]);
  });

  it("ORDERING rule 15: no gap when the answer to our own cursor says truncated: false", () => {
    const consumer = from(5);
    consumer.answer({ truncated: false, position: through(2, 2), events: [at(1, 0, { epoch: 2 })] });
    expect(handedOut(consumer)).toEqual([1]);
  });

  it("ORDERING rule 15: no gap when an event continues our epoch", () => {
    const consumer = from(5);
    consumer.offer(at(1, 0, { epoch: 2, continues: 1, settled: 0 }));
    expect(handedOut(consumer)).toEqual([1]);
  });

  it("ORDERING rule 15: a log left behind is not taken up again by what arrives late", () => {
    const consumer = from(5);
    consumer.offer(at(1, 0, { log: "other" }));
    expect(consumer.offer(at(6, 5))).toBe("stale");
    expect(handedOut(consumer)).toEqual(["reset(?,0]", 1]);
  });

  it("ORD-9: after a reset the old state is kept until the gap is committed", () => {
    const consumer = from(5);
    consumer.offer(at(1, 0, { epoch: 2 }));
    const [gap, event] = takeAll(consumer) as [Release<number>, Release<number>];
    expect(consumer.committed).toMatchObject({ epoch: 1, through: 5 });
    consumer.commit(gap);
    expect(consumer.committed).toMatchObject({ epoch: 2, through: 0 });
    consumer.commit(event);
    expect(consumer.committed).toMatchObject({ epoch: 2, through: 1 });
  });

  it("ORD-9: a new epoch that goes on without a gap waits until the old one is committed", () => {
    const consumer = from(5);
    consumer.offer(at(6, 5));
    consumer.answer({ truncated: false, position: through(1, 2), events: [at(1, 0, { epoch: 2 })] });
    const [old] = takeAll(consumer) as [Release<number>];
    expect(consumer.committed).toMatchObject({ epoch: 1, through: 5 });
    consumer.commit(old);
    expect(consumer.committed).toMatchObject({ epoch: 2, through: 0 });
  });

  it("ORDERING rule 20: a handler that fails before an epoch change returns to the old epoch", () => {
    const consumer = from(5);
    consumer.offer(at(6, 5));
    consumer.answer({ truncated: false, position: through(1, 2), events: [at(1, 0, { epoch: 2 })] });
    const [old] = takeAll(consumer) as [Release<number>];
    consumer.fail(old);
    expect(consumer.committed).toMatchObject({ epoch: 1, through: 5 });
    expect(consumer.released).toEqual({ log: "events", epoch: 1, seq: 5 });
  });
});

describe("first contact and positions", () => {
  it("ORDERING rule 16: without a position the consumer begins at settled", () => {
    const consumer = new Resequencer<number>({ clock: new ManualClock() });
    expect(consumer.offer(at(6, 5, { settled: 4 }))).toBe("held");
    consumer.offer(at(5, 4, { settled: 4 }));
    expect(handedOut(consumer)).toEqual([5, 6]);
  });

  it("ORDERING rule 16: a stored position below settled is recovered first, at once", () => {
    const clock = new ManualClock();
    const consumer = from(4, { clock });
    consumer.offer(at(9, 8, { settled: 7 }));
    expect(consumer.missing).toEqual({ until: 8, due: clock.now() });
  });

  it("ORDERING rule 16: one that stores nothing follows settled", () => {
    const consumer = from(4, { stores: false });
    consumer.offer(at(9, 8, { settled: 8 }));
    expect(handedOut(consumer)).toEqual([9]);
  });

  it("ORDERING rule 22: an answer to a null cursor although there was a position is a gap restart", () => {
    const consumer = from(4);
    consumer.answer({ truncated: false, skipped: "restart", position: through(9), events: [] });
    expect(handedOut(consumer)).toEqual(["restart(4,9]"]);
  });

  it("ORDERING rule 22: nothing missed between a null cursor and the position is no gap", () => {
    const consumer = from(4);
    consumer.answer({ truncated: false, skipped: "restart", position: through(4), events: [] });
    expect(handedOut(consumer)).toEqual([]);
  });

  it("[pitfall 10] CUR-4: the cursor to store advances in quiet times", () => {
    const consumer = from(4, { cursor: "c4" });
    consumer.position(through(50), "c50");
    expect(consumer.committedCursor).toBe("c50");
    expect(consumer.committed?.through).toBe(50);
    consumer.position(through(60), null);
    expect(consumer.committedCursor).toBe("c50");
  });

  it("CUR-4: a quiet-time cursor is not stored over an event that is not committed", () => {
    const consumer = from(4, { cursor: "c4" });
    consumer.offer({ ...at(5, 4), cursor: "c5" });
    consumer.position(through(50), "c50");
    expect(consumer.committedCursor).toBe("c4");
    expect(consumer.releasedCursor).toBe("c50");
    consumer.commit(takeAll(consumer)[0] as Release<number>);
    expect(consumer.committedCursor).toBe("c50");
  });
});

describe("holding and bounds", () => {
  it("ORDERING rule 19: a later copy replaces the held one", () => {
    const consumer = from(4);
    consumer.offer(at(6, 5));
    consumer.offer({ ...at(6, 5), item: 66 });
    consumer.offer(at(5, 4));
    expect(handedOut(consumer)).toEqual([5, 66]);
  });

  it("ORDERING rule 19: holding is bounded; what does not fit is refused", () => {
    const consumer = from(4, { maxHeld: 2 });
    expect([7, 8, 9].map((seq) => consumer.offer(at(seq, seq - 1)))).toEqual(["held", "held", "refused"]);
  });

  it("ORDERING rule 19: after holdMs the caller is asked to recover, or to refuse", () => {
    const clock = new ManualClock();
    const outcomes: Outcome[] = [];
    const consumer = from(4, { clock, holdMs: 500 });
    consumer.offer({ ...at(7, 6), onOutcome: (outcome) => outcomes.push(outcome) });
    expect(consumer.missing).toEqual({ until: 6, due: clock.now() + 500 });
    expect(consumer.refuseHeld()).toBe(0);
    clock.jump(500);
    expect(consumer.refuseHeld()).toBe(1);
    expect(outcomes).toEqual(["refused"]);
  });

  it("ORDERING rule 19: lost is reported only when the caller gives up, up to the held event", () => {
    const consumer = from(4);
    consumer.offer(at(9, 8));
    consumer.offer(at(7, 6));
    expect(handedOut(consumer)).toEqual([]);
    consumer.giveUp();
    expect(handedOut(consumer)).toEqual(["lost(4,6]", 7]);
  });

  it("ORDERING rule 21: what is held inside a truncated stretch comes out in its place", () => {
    const consumer = from(4);
    consumer.offer(at(7, 6));
    consumer.answer({ truncated: true, position: through(10), events: [] });
    expect(handedOut(consumer)).toEqual(["truncated(4,6]", 7, "truncated(7,10]"]);
  });

  it("releases that can be refused are bounded", () => {
    const outcomes: Outcome[] = [];
    const consumer = from(0, { maxReleased: 1 });
    const onOutcome = (outcome: Outcome) => outcomes.push(outcome);
    consumer.offer({ ...at(1, 0), onOutcome });
    expect(consumer.offer({ ...at(2, 1), onOutcome })).toBe("refused");
    expect(outcomes).toEqual(["refused"]);
  });

  it("guarantee key: intervals handled ahead are bounded", () => {
    const consumer = from(0, { guarantee: "key", maxAhead: 2 });
    for (const seq of [3, 5, 7]) consumer.offer(at(seq, seq - 1, { key: `k${seq}`, keyPrev: 0 }));
    expect(handedOut(consumer)).toEqual([3, 5]);
    expect(consumer.missing).toMatchObject({ until: 6 });
  });

  it("option_invalid names the field", () => {
    expect(() => from(0, { maxHeld: 0 })).toThrow(expect.objectContaining({ code: "option_invalid" }));
  });
});

describe("commit and failure", () => {
  it("ORDERING rule 17: a copy of what is handed out and not committed waits for that outcome", () => {
    const outcomes: string[] = [];
    const consumer = from(4);
    consumer.offer({ ...at(5, 4), onOutcome: (outcome) => outcomes.push(`first ${outcome}`) });
    const [release] = takeAll(consumer);
    const verdict = consumer.offer({ ...at(5, 4), onOutcome: (outcome) => outcomes.push(`copy ${outcome}`) });
    expect([verdict, outcomes]).toEqual(["pending", []]);
    consumer.commit(release as Release<number>);
    expect(outcomes).toEqual(["first committed", "copy committed"]);
    expect(consumer.offer(at(5, 4))).toBe("duplicate");
  });

  it("ORDERING rule 20: committing commits what was handed out before in the lane, and no other lane", () => {
    const consumer = from(0, { guarantee: "key" });
    consumer.offer(at(1, 0, { key: "a", keyPrev: 0 }));
    consumer.offer(at(2, 1, { key: "b", keyPrev: 0 }));
    consumer.offer(at(3, 2, { key: "a", keyPrev: 1 }));
    const [, , third] = takeAll(consumer);
    consumer.commit(third as Release<number>);
    expect(consumer.committed).toMatchObject({ through: 1, ahead: [[2, 3]] });
  });

  it("ORD-9: the stored state includes what is ahead of C, and a restored consumer goes on from it", () => {
    const consumer = from(0, { guarantee: "key" });
    consumer.offer(at(1, 0, { key: "a", keyPrev: 0 }));
    consumer.offer(at(2, 1, { key: "b", keyPrev: 0 }));
    const [, second] = takeAll(consumer);
    consumer.commit(second as Release<number>);
    const restored = from(0, { guarantee: "key", state: JSON.parse(JSON.stringify(consumer.committed)) });
    restored.answer({
      truncated: false,
      position: through(3),
      events: [1, 2, 3].map((seq) =>
        at(seq, seq - 1, { key: seq === 2 ? "b" : "a", keyPrev: seq === 3 ? 1 : 0 }),
      ),
    });
    expect(handedOut(restored)).toEqual([1, 3]);
  });

  it("ORDERING rule 20: a failed handler refuses what was released or held in its lane, and no other lane", () => {
    const outcomes: string[] = [];
    const consumer = from(0, { guarantee: "key" });
    const offer = (seq: number, key: string, keyPrev: number) =>
      consumer.offer({
        ...at(seq, seq - 1, { key, keyPrev }),
        onOutcome: (outcome) => outcomes.push(`${seq} ${outcome}`),
      });
    offer(1, "a", 0);
    offer(2, "b", 0);
    offer(3, "a", 1);
    offer(7, "a", 6);
    const [first, second] = takeAll(consumer) as [Release<number>, Release<number>];
    consumer.fail(first);
    expect(outcomes.sort()).toEqual(["1 refused", "3 refused", "7 refused"]);
    consumer.commit(second);
    expect(consumer.committed).toMatchObject({ through: 0, ahead: [[1, 2]] });
    offer(1, "a", 0);
    expect(handedOut(consumer)).toEqual([1]);
  });

  it("a reader that keeps releases in memory gets them again after rewind", () => {
    const consumer = from(0);
    consumer.offer(at(1, 0));
    consumer.offer(at(2, 1));
    consumer.commit(takeAll(consumer)[0] as Release<number>);
    consumer.rewind();
    expect(handedOut(consumer)).toEqual([2]);
  });

  it("ORDERING rule 18: a gap that stands for an event is handed out in its place", () => {
    const consumer = from(0);
    consumer.offer(at(3, 2));
    consumer.offer({ ...at(2, 1), gap: "given_up" });
    consumer.offer(at(1, 0));
    expect(handedOut(consumer)).toEqual([1, "given_up(1,2]", 3]);
  });
});
