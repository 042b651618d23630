import type { OrderingMark } from "@mcp-events/protocol";
import { describe, expect, it } from "vitest";
import { ManualClock } from "../testing/manual-clock";
import type { Outcome, Release } from "./release";
import { Resequencer } from "./resequencer";
import type { ResequencerOptions } from "./resequencer-options";

const PUSH = { releaseAhead: false, holdMs: 0 };
const WEBHOOK = { releaseAhead: true, holdMs: 500 };

/** Keys a, b, a, b, … of the events 1, 2, 3, 4, …, so that `keyPrev` is two before. */
const at = (seq: number, rest: Partial<OrderingMark> = {}) => ({
  mark: {
    log: "events",
    epoch: 1,
    seq,
    prev: seq - 1,
    key: seq % 2 === 1 ? "a" : "b",
    keyPrev: Math.max(seq - 2, 0),
    ...rest,
  },
  item: seq,
});
const through = (position: number) => ({ log: "events", epoch: 1, through: position });

function setUp(options: ResequencerOptions = {}) {
  const clock = new ManualClock();
  const consumer = new Resequencer<number>({
    clock,
    guarantee: "key",
    ...PUSH,
    state: { log: "events", epoch: 1, through: 0, ahead: [] },
    ...options,
  });
  const outcomes: string[] = [];
  const post = (seq: number, rest?: Partial<OrderingMark>) =>
    consumer.offer({ ...at(seq, rest), onOutcome: (outcome: Outcome) => outcomes.push(`${seq} ${outcome}`) });
  const push = (seq: number) => consumer.offer(at(seq));
  const handle = () => {
    const handled: (number | string)[] = [];
    for (let one = consumer.take(); one !== undefined; one = consumer.take()) {
      handled.push(one.kind === "event" ? one.item : one.reason);
      consumer.commit(one as Release<number>);
    }
    return handled;
  };
  return { clock, consumer, outcomes, post, push, handle };
}

describe("a consumer whose channel changes", () => {
  it("ORD-4: push, webhook, push, with events handled ahead of the position: nothing lost, nothing repeated", () => {
    const { consumer, outcomes, post, push, handle } = setUp();
    push(1);
    push(2);
    expect(handle()).toEqual([1, 2]);
    consumer.channel(WEBHOOK);
    expect([post(4), post(6), post(9)]).toEqual(["released", "released", "held"]);
    expect(handle()).toEqual([4, 6]);
    expect(consumer.committed).toMatchObject({
      through: 2,
      ahead: [
        [3, 4],
        [5, 6],
      ],
    });
    consumer.channel(PUSH);
    expect(outcomes).toEqual(["4 committed", "6 committed", "9 refused"]);
    for (const seq of [3, 4, 5, 6, 7, 8, 9]) push(seq);
    consumer.position(through(9));
    expect(handle()).toEqual([3, 5, 7, 8, 9]);
    expect([consumer.committed, consumer.missing]).toEqual([
      { log: "events", epoch: 1, through: 9, ahead: [] },
      undefined,
    ]);
  });

  it("ORD-4: what was handed out ahead and is not committed when the channel changes is not handed out again", () => {
    const { consumer, outcomes, post, push, handle } = setUp(WEBHOOK);
    post(2);
    consumer.channel(PUSH);
    expect([push(1), push(2)]).toEqual(["released", "pending"]);
    expect(outcomes).toEqual([]);
    expect(handle()).toEqual([2, 1]);
    expect(outcomes).toEqual(["2 committed"]);
    expect(consumer.committed).toMatchObject({ through: 2, ahead: [] });
  });

  it("ORDERING rule 19: what is held when the channel changes is refused, and is no longer waited for", () => {
    const { consumer, outcomes, post } = setUp(WEBHOOK);
    post(3, { keyPrev: 1 });
    post(3, { keyPrev: 1 });
    expect(consumer.missing?.until).toBe(2);
    consumer.channel(PUSH);
    expect([outcomes, consumer.missing, consumer.refuseHeld(Number.POSITIVE_INFINITY)]).toEqual([
      ["3 refused", "3 refused"],
      undefined,
      0,
    ]);
  });

  it("ORDERING rule 18: the channel now carrying events says whether they may be handed out ahead, and how long held", () => {
    const { clock, consumer, post, push } = setUp();
    expect([push(2), consumer.missing]).toEqual(["held", { until: 1, due: clock.now() }]);
    consumer.channel(WEBHOOK);
    expect([post(2), post(5)]).toEqual(["released", "held"]);
    expect(consumer.missing).toEqual({ until: 4, due: clock.now() + 500 });
    consumer.channel(PUSH);
    expect(post(4)).toBe("held");
  });

  it("a position that was doubted on the channel before is the new channel's to repeat", () => {
    const { consumer, post, push, handle } = setUp(WEBHOOK);
    post(2);
    consumer.position(through(2));
    expect(consumer.missing?.until).toBe(1);
    consumer.channel(PUSH);
    expect(consumer.missing).toBeUndefined();
    consumer.position(through(2));
    expect(consumer.missing?.until).toBe(1);
    push(1);
    expect([handle(), consumer.missing, consumer.released?.seq]).toEqual([[2, 1], undefined, 2]);
  });

  it("with guarantee subscription nothing is handed out ahead on any channel", () => {
    const { consumer, post } = setUp({ guarantee: "subscription" });
    consumer.channel(WEBHOOK);
    expect(post(2)).toBe("held");
  });

  it("option_invalid names the field, and nothing changes", () => {
    const { consumer, post } = setUp(WEBHOOK);
    post(4, { keyPrev: 2 });
    for (const holdMs of [-1, Number.NaN]) {
      expect(() => consumer.channel({ ...PUSH, holdMs })).toThrow(
        expect.objectContaining({ code: "option_invalid", message: expect.stringContaining("holdMs") }),
      );
    }
    expect(consumer.missing?.until).toBe(3);
  });
});
