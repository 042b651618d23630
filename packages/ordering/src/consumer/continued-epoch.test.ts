import type { OrderingMark } from "@mcp-events/protocol";
import { describe, expect, it } from "vitest";
import { ManualClock } from "../testing/manual-clock";
import type { Outcome } from "./release";
import { Resequencer } from "./resequencer";
import type { ResequencerOptions } from "./resequencer-options";

/** An event with a name that is the same in every epoch. */
const named = (id: string, seq: number, rest: Partial<OrderingMark> = {}) => ({
  mark: { log: "events", epoch: 1, seq, prev: seq - 1, ...rest },
  item: id,
  id,
});
/** The same of the epoch that goes on from the first. */
const again = (id: string, seq: number, rest: Partial<OrderingMark> = {}) =>
  named(id, seq, { epoch: 2, continues: 1, settled: 0, ...rest });

const at = (through: number, epoch = 1) => ({ log: "events", epoch, through });

const from = (options: ResequencerOptions = {}) =>
  new Resequencer<string>({
    clock: new ManualClock(),
    state: { log: "events", epoch: 1, through: 0, ahead: [] },
    cursor: "c0",
    ...options,
  });

/** A page of three events, which have no cursor of their own, and its cursor. */
function takePage(consumer: Resequencer<string>): void {
  const events = [named("a", 1), named("b", 2), named("c", 3)];
  consumer.answer({ position: at(3), cursor: "c3", truncated: false, events });
}

function handedOut(consumer: Resequencer<string>): string[] {
  const all: string[] = [];
  for (let one = consumer.take(); one !== undefined; one = consumer.take()) {
    all.push(one.kind === "event" ? one.item : `gap ${one.reason}`);
    consumer.commit(one);
  }
  return all;
}

describe("ORD-3 ORDERING rule 15: an epoch that goes on from a cursor behind what was handed out", () => {
  it("gives nothing twice after a restart", () => {
    const before = from();
    takePage(before);
    for (const _ of "ab") before.commit(before.take()!);
    const { committed: state, committedCursor: cursor, recent } = before;
    expect([state?.through, cursor, recent]).toEqual([2, "c0", ["a", "b"]]);

    const after = from({ state, cursor, recent });
    const events = [again("a", 11), again("b", 12), again("c", 13), again("d", 14)];
    after.answer({ position: at(14, 2), cursor: "c14", truncated: false, events });
    expect(handedOut(after)).toEqual(["c", "d"]);
    expect([after.committed, after.recent]).toMatchObject([{ epoch: 2, through: 14 }, []]);
  });

  it("gives nothing twice while the consumer lives, in whatever order it comes, and accepts the copies", () => {
    const consumer = from();
    const outcomes: Outcome[] = [];
    const onOutcome = (outcome: Outcome) => void outcomes.push(outcome);
    for (const [id, seq] of [
      ["a", 1],
      ["b", 2],
      ["c", 3],
    ] as const) {
      consumer.offer(named(id, seq, { settled: 0 }));
    }
    expect(handedOut(consumer)).toEqual(["a", "b", "c"]);
    for (const [id, seq] of [
      ["b", 12],
      ["d", 14],
      ["a", 11],
      ["c", 13],
    ] as const) {
      consumer.offer({ ...again(id, seq, { settled: 10 }), onOutcome });
    }
    expect(handedOut(consumer)).toEqual(["d"]);
    expect(outcomes).toEqual(["committed", "committed", "committed", "committed"]);
    expect(consumer.committed).toMatchObject({ epoch: 2, through: 14 });
  });

  it("ORD-9: a copy is accepted only once what was handed out is committed", () => {
    const consumer = from();
    takePage(consumer);
    const first = consumer.take()!;
    const outcomes: Outcome[] = [];
    consumer.offer({
      ...again("a", 11, { settled: 10 }),
      onOutcome: (outcome) => void outcomes.push(outcome),
    });
    expect(outcomes).toEqual([]);
    consumer.commit(first);
    expect(outcomes).toEqual(["committed"]);
  });

  it("with keys a copy of what may still fail is sent again", () => {
    const consumer = from({ guarantee: "key" });
    consumer.offer(named("a", 1, { key: "k" }));
    const first = consumer.take()!;
    const outcomes: Outcome[] = [];
    const copy = {
      ...again("a", 11, { key: "k", settled: 10 }),
      onOutcome: (outcome: Outcome) => void outcomes.push(outcome),
    };
    expect(consumer.offer(copy)).toBe("refused");
    consumer.commit(first);
    expect(consumer.offer(copy)).toBe("released");
    expect([outcomes, consumer.waiting]).toEqual([["refused", "committed"], 0]);
  });

  it("goes on over several epochs", () => {
    const consumer = from();
    for (const [index, id] of ["a", "b", "c"].entries()) consumer.offer(named(id, index + 1));
    expect(handedOut(consumer)).toEqual(["a", "b", "c"]);
    for (const [index, id] of ["a", "b"].entries()) {
      consumer.offer(again(id, 11 + index, { settled: 10 }));
    }
    for (const [index, id] of ["a", "b", "c", "d"].entries()) {
      consumer.offer(named(id, 21 + index, { epoch: 3, continues: 2, settled: 20 }));
    }
    expect(handedOut(consumer)).toEqual(["d"]);
  });

  it("ORDERING rule 13: the cursor of a delivery that overtook others stands for the watermark", () => {
    const consumer = from();
    consumer.offer({ ...named("a", 1, { settled: 0 }), cursor: "c1" });
    consumer.offer({ ...named("b", 2, { settled: 0 }), cursor: "c0" });
    expect(handedOut(consumer)).toEqual(["a", "b"]);
    expect([consumer.committedCursor, consumer.recent]).toEqual(["c1", ["b"]]);
  });

  it("after a gap everything is new, whatever it is called", () => {
    const consumer = from();
    takePage(consumer);
    expect(handedOut(consumer)).toEqual(["a", "b", "c"]);
    consumer.offer(named("a", 11, { epoch: 2, settled: 10 }));
    expect(handedOut(consumer)).toEqual(["gap reset", "a"]);
  });

  it("what a failed handler gave back is given again", () => {
    const consumer = from();
    takePage(consumer);
    consumer.fail(consumer.take()!);
    const events = [again("a", 11), again("b", 12)];
    consumer.answer({ position: at(12, 2), cursor: "c12", truncated: false, events });
    expect(handedOut(consumer)).toEqual(["a", "b"]);
  });

  it("remembers no more than lies after the cursor", () => {
    const consumer = from();
    for (let seq = 1; seq <= 1_000; seq += 1) {
      consumer.offer({ ...named(`e${seq}`, seq), cursor: `c${seq}` });
      consumer.commit(consumer.take()!);
    }
    expect(consumer.recent).toEqual([]);
  });
});
