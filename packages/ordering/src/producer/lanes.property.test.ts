import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Lanes } from "./lanes";
import type { Outgoing } from "./outgoing";
import { NaiveLanes } from "./testing/naive-lanes";

interface Real {
  readonly lanes: Lanes<number>;
  /** In flight, by number. */
  readonly flying: Map<number, Outgoing<number>>;
}

type Step = fc.Command<NaiveLanes, Real>;

/** After each step everything that can be asked is what the model makes of its whole history. */
function compare(model: NaiveLanes, { lanes }: Real): void {
  expect({
    through: lanes.through,
    last: lanes.last,
    open: lanes.open,
    flying: lanes.flying,
    room: lanes.room,
    givenUp: lanes.givenUp(),
    dueAt: lanes.dueAt(),
  }).toEqual({
    through: model.through,
    last: model.last,
    open: model.open.length,
    flying: model.flying.length,
    room: model.room,
    givenUp: model.givenUp,
    dueAt: model.dueAt,
  });
}

function step(
  name: string,
  run: (model: NaiveLanes, real: Real) => void,
  check?: (model: Readonly<NaiveLanes>) => boolean,
): Step {
  return {
    check: (model) => check?.(model) ?? true,
    run(model, real) {
      run(model, real);
      compare(model, real);
    },
    toString: () => name,
  };
}

const push = fc
  .record({
    hole: fc.nat(2),
    key: fc.constantFrom(undefined, "a", "b", "c"),
    barrier: fc.nat(9).map((die) => die === 0),
    gap: fc.nat(9).map((die) => die === 0),
  })
  .map((fields) =>
    step(
      `push ${JSON.stringify(fields)}`,
      (model, { lanes }) => lanes.push(model.push(fields)),
      (model) => model.room > 0,
    ),
  );
const scanned = fc
  .nat(3)
  .map((beyond) => step(`scanned +${beyond}`, (model, { lanes }) => lanes.scanned(model.scan(beyond))));
const next = fc.constant(
  step("next", (model, { lanes, flying }) => {
    const may = model.mayLeave();
    const outgoing = lanes.next(model.now);
    if (outgoing === undefined) {
      expect(may).toEqual([]);
      const due = lanes.dueAt();
      expect(due === undefined || due > model.now).toBe(true);
      return;
    }
    // Strict order does not say which lane is first; a window goes by number.
    expect(model.window === 0 ? may : may.slice(0, 1)).toContain(outgoing.seq);
    const entry = model.take(outgoing.seq);
    flying.set(outgoing.seq, outgoing);
    const { seq, keyPrev, gap, attempts, firstAttemptAt, behind, lowest } = entry;
    expect({ ...pick(outgoing), lowest: lanes.isLowest(outgoing) }).toEqual({
      seq,
      keyPrev,
      gap,
      attempts,
      firstAttemptAt,
      behind,
      lowest,
    });
  }),
);
const pick = ({ seq, keyPrev, gap, attempts, firstAttemptAt, behind }: Outgoing<number>) => ({
  seq,
  keyPrev,
  gap,
  attempts,
  firstAttemptAt,
  behind,
});

/** What becomes of one of those in flight. */
function landing(
  name: string,
  run: (model: NaiveLanes, real: Real, outgoing: Outgoing<number>) => void,
): fc.Arbitrary<Step> {
  return fc.nat(9).map((die) =>
    step(
      `${name} ${die}`,
      (model, real) => {
        const { seq } = model.flying[die % model.flying.length]!;
        const outgoing = real.flying.get(seq)!;
        real.flying.delete(seq);
        run(model, real, outgoing);
      },
      (model) => model.flying.length > 0,
    ),
  );
}

const settle = landing("settle", (model, { lanes }, outgoing) => {
  const passed = lanes.settle(outgoing).map(({ seq }) => seq);
  expect(passed).toEqual(model.settle(outgoing.seq));
});
const retry = fc.tuple(fc.nat(20), fc.boolean()).chain(([wait, counts]) =>
  landing(`retry in ${wait}${counts ? "" : ", no attempt"}`, (model, { lanes }, outgoing) => {
    lanes.retry(outgoing, model.now + wait, counts);
    model.retry(outgoing.seq, model.now + wait, counts);
  }),
);
const giveUp = landing("give up", (model, { lanes }, outgoing) => {
  lanes.giveUp(outgoing);
  model.giveUp(outgoing.seq);
});
const wait = fc.nat(15).map((ms) =>
  step(`wait ${ms}`, (model) => {
    model.now += ms;
  }),
);
const hasten = fc.constant(
  step("hasten", (model, { lanes }) => {
    lanes.hasten();
    model.hasten();
  }),
);

describe("ORDERING rules 10, 11, 13, 14: lanes against a model that looks at its whole history", () => {
  for (const guarantee of ["subscription", "key"] as const) {
    for (const window of [0, 1, 3]) {
      it(`guarantee ${guarantee}, window ${window}`, () => {
        const commands = fc.commands(
          [push, push, next, next, settle, settle, retry, giveUp, scanned, wait, hasten],
          {
            maxCommands: 60,
            size: "max",
          },
        );
        fc.assert(
          fc.property(commands, fc.subarray([6, 7, 9, 15]), (steps, givenUp) => {
            const options = { guarantee, window, capacity: 7, through: 5, last: 3, givenUp };
            fc.modelRun(
              () => ({
                model: new NaiveLanes(options),
                real: { lanes: new Lanes<number>(options), flying: new Map() },
              }),
              steps,
            );
          }),
          { numRuns: Number(process.env.MODEL_RUNS ?? 150) },
        );
      });
    }
  }
});
