import { describe, expect, it } from "vitest";
import { checkRecord, type Expectation } from "./check-record";
import type { ConsumerLine, EmitLine } from "./record-lines";

const MEMORY: Expectation = { durable: false, serverStarts: 3, unstored: 1 };

/** Acknowledged events, by epoch and number; each is called after its number. */
const emitted = (...places: readonly [epoch: number, seq: number][]): EmitLine[] =>
  places.flatMap(([epoch, seq]) => [
    { eventId: `${epoch}-${seq}` },
    { eventId: `${epoch}-${seq}`, acknowledged: { epoch, seq } },
  ]);

const event = (epoch: number, seq: number, eventId = `${epoch}-${seq}`): ConsumerLine => ({
  kind: "event",
  eventId,
  epoch,
  seq,
});
const reset = (epoch: number, seq = 0): ConsumerLine => ({
  kind: "gap",
  reason: "reset",
  to: { epoch, seq },
});
const started: ConsumerLine = { kind: "started" };

const THREE = emitted([1, 1], [1, 2], [1, 4]);
const RESTARTED = emitted([1, 1], [1, 2], [2, 1], [2, 2]);

const problems = (emits: EmitLine[], lines: ConsumerLine[], expected = MEMORY) =>
  checkRecord(emits, lines, expected).problems;

describe("the checker takes", () => {
  it.each<[string, EmitLine[], ConsumerLine[], object]>([
    ["the same sequence", THREE, [started, event(1, 1), event(1, 2), event(1, 4)], { handled: 3, told: 0 }],
    [
      "what a kill kept from being committed, once more",
      THREE,
      [started, event(1, 1), started, event(1, 1), event(1, 2), event(1, 4)],
      { handled: 3, again: 1 },
    ],
    [
      "the end of a log, told, and all of the new one",
      RESTARTED,
      [started, event(1, 1), reset(2), event(2, 1), event(2, 2)],
      { handled: 3, told: 1, gaps: 1 },
    ],
    [
      "a gap that is told again because a kill kept it from being committed",
      RESTARTED,
      [started, event(1, 1), event(1, 2), reset(2), started, reset(2), event(2, 1), event(2, 2)],
      { gaps: 1, again: 1 },
    ],
    [
      "an event whose acknowledgement was lost",
      [{ eventId: "1-3" }, ...THREE],
      [started, event(1, 1), event(1, 2), event(1, 3), event(1, 4)],
      { acknowledged: 3, handled: 4 },
    ],
  ])("%s", (_what, emits, lines, expected) => {
    expect(checkRecord(emits, lines, MEMORY)).toMatchObject({ problems: [], ...expected });
  });
});

it("the checker takes as many items again as may be unstored, in their order", () => {
  const lines = [event(1, 1), event(1, 2), started, event(1, 1), event(1, 2), event(1, 4)];
  const expected = { ...MEMORY, unstored: 2 };
  expect(checkRecord(THREE, lines, expected)).toMatchObject({ problems: [], again: 2 });
  const wrong = [event(1, 1), event(1, 2), started, event(1, 2), event(1, 1), event(1, 4)];
  expect(problems(THREE, wrong, expected).join("\n")).toMatch(/1-1 at 1\/1 was repeated/);
});

describe("the checker catches", () => {
  it.each<[string, EmitLine[], ConsumerLine[], RegExp]>([
    ["a lost event", THREE, [event(1, 1), event(1, 4)], /1-2 at 1\/2 missing before 1-4 at 1\/4/],
    ["a lost first event", THREE, [event(1, 2), event(1, 4)], /1-1 at 1\/1 missing before/],
    ["a lost end", THREE, [event(1, 1), event(1, 2)], /1 at the end never came: 1-4/],
    ["everything lost", THREE, [started], /3 at the end never came/],
    ["a repeat", THREE, [event(1, 1), event(1, 1), event(1, 2), event(1, 4)], /1-1 at 1\/1 was repeated/],
    [
      "a repeat of more than a kill explains",
      THREE,
      [event(1, 1), event(1, 2), started, event(1, 1), event(1, 2), event(1, 4)],
      /1-1 at 1\/1 was repeated, after 1\/2/,
    ],
    ["another order", THREE, [event(1, 2), event(1, 1), event(1, 4)], /1-1 at 1\/1 came late/],
    [
      "an event that nobody emitted",
      THREE,
      [event(1, 1), event(1, 2), event(1, 3), event(1, 4)],
      /1-3 at 1\/3/,
    ],
    [
      "another event in a place",
      THREE,
      [event(1, 1), event(1, 2, "1-1"), event(1, 4)],
      /1-1 at 1\/2 was not/,
    ],
    [
      "a new log without a gap",
      RESTARTED,
      [event(1, 1), event(1, 2), event(2, 1), event(2, 2)],
      /began anew and no gap said so/,
    ],
    [
      "a gap that takes in what the new log still has",
      RESTARTED,
      [event(1, 1), event(1, 2), reset(2, 1), event(2, 2)],
      /takes in 2-1 at 2\/1/,
    ],
    [
      "a gap while the log lives",
      THREE,
      [event(1, 1), reset(1, 2), event(1, 4)],
      /did not begin anew after 1\/1/,
    ],
    [
      "a gap for another reason",
      RESTARTED,
      [event(1, 1), { kind: "gap", reason: "restart", to: { epoch: 2, seq: 0 } }, event(2, 1), event(2, 2)],
      /gap restart to 2\/0: only/,
    ],
    ["a gap without an end", THREE, [{ kind: "gap", reason: "reset" }], /does not say where it ends/],
    ["an emitter whose numbers go back", emitted([1, 2], [1, 1]), [], /1-1 was emitted after 1-2/],
  ])("%s", (_what, emits, lines, problem) => {
    expect(problems(emits, lines).join("\n")).toMatch(problem);
  });

  it("more gaps than the server was started again", () => {
    const lines = [event(1, 1), event(1, 2), reset(2), event(2, 1), event(2, 2)];
    expect(problems(RESTARTED, lines, { durable: false, serverStarts: 1, unstored: 1 }).join("\n")).toMatch(
      /more gaps than restarts/,
    );
  });

  it("on a durable log any gap, any new epoch, and an event that came twice", () => {
    const durable = { durable: true, serverStarts: 3, unstored: 1 };
    const gap = [event(1, 1), event(1, 2), reset(2), event(2, 1), event(2, 2)];
    expect(problems(RESTARTED, gap, durable).join("\n")).toMatch(
      /2 epochs, at most 1[\s\S]*the log is durable/,
    );
    const twice = [event(1, 1), event(1, 2), event(1, 3, "1-2"), event(1, 4)];
    expect(problems(THREE, twice, durable).join("\n")).toMatch(/1-2 at 1\/3 came twice/);
  });
});
