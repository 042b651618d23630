import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { newEntry } from "../testing/fixtures";
import type { Checkpoint } from "./checkpoint";
import type { Batch } from "./kept";
import { Mirror } from "./mirror";

const NOTHING: Checkpoint = {
  v: 1,
  epoch: 1,
  salt: "",
  created: "",
  base: 0,
  through: 0,
  names: [],
  others: 0,
  groups: [],
};
const BOUNDS = { maxEntries: 1_000, maxAgeMs: Number.POSITIVE_INFINITY, cacheBytes: 1e9 };

function mirror(first: number, checkpoint = NOTHING) {
  const made = new Mirror(BOUNDS, 1, 0);
  made.begin(first, checkpoint);
  return made;
}

/** The batch of message `last`, by a writer that had read up to `seen`. */
function batch(last: number, seen: number, ids: readonly string[], group?: string): Batch {
  return {
    epoch: 1,
    writer: `w${last}`,
    batch: 1,
    seen,
    repeats: false,
    upstream: group === undefined ? undefined : { group, from: null, to: `${last}` },
    entries: ids.map((id, index) => {
      const [eventId = "", audience] = id.split("/");
      return { entry: newEntry({ eventId, audience }), bytes: 10, place: { message: last, index } };
    }),
    first: last,
    last,
    at: last,
  };
}

const read = (of: Mirror) =>
  of.read({ after: 0, limit: 1_000 }).entries.map(({ seq, eventId, audience }) => [seq, eventId, audience]);

const id = fc.constantFrom("a", "b", "c", "d", "e", "a/x", "b/x", "c/y");
const step = fc.record({
  lag: fc.nat(4),
  ids: fc.uniqueArray(id, { maxLength: 3 }),
  group: fc.option(fc.constantFrom("g", "h"), { nil: undefined }),
});

describe("the verdict on a batch", () => {
  it("ORD-6 RULE-2 RULE-6: is the same for a replica that begins later, for everything that it does not call gone", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), fc.nat(40), (steps, begin) => {
        const batches = steps.map(({ lag, ids, group }, index) =>
          batch(index + 1, Math.max(0, index - lag), ids, group),
        );
        const first = Math.min(begin, batches.length) + 1;
        const resident = mirror(1);
        const late = mirror(first);
        for (const one of batches) {
          const verdict = resident.apply(one);
          if (one.last < first) continue;
          const own = late.apply(one);
          if (own !== undefined) expect(own.kind).toBe(verdict!.kind);
        }
        const { from } = late.read({ after: 0, limit: 0 });
        expect(read(late)).toEqual(read(resident).filter(([seq]) => Number(seq) > from));
      }),
      { numRuns: 2_000 },
    );
  });

  it("is none for a batch whose writer read what this replica did not: it counts as gone, and readers are told", () => {
    const late = mirror(10);
    expect(late.apply(batch(10, 7, ["a"]))).toBeUndefined();
    expect(late.apply(batch(11, 10, ["b"]))).toMatchObject({ kind: "taken" });
    expect(late.read({ after: 0, limit: 9 })).toMatchObject({ truncated: true, entries: [{ eventId: "b" }] });
  });

  it("ORD-6: is the same whatever retention took from a replica meanwhile [found by the property above]", () => {
    const [one, other] = [mirror(1), mirror(1)];
    for (const replica of [one, other]) replica.apply(batch(1, 0, ["a"]));
    one.dropBefore(2);
    expect(one.apply(batch(2, 0, ["a"]))).toEqual(other.apply(batch(2, 0, ["a"])));
  });

  it("is that its writer has to write it anew when it had read too little", () => {
    expect(mirror(1).apply(batch(2_000, 0, ["a"]))).toEqual({ kind: "stale" });
  });

  it("RULE-1: is that it is of another epoch when its writer knew another", () => {
    expect(mirror(1).apply({ ...batch(1, 0, ["a"]), epoch: 2 })).toEqual({ kind: "stale" });
  });
});

describe("what a replica is told of the time before it", () => {
  const names = [{ name: "rare", seq: 5 * 4_096 }];

  it("CUR-6: is exact for event types whose last entry is known, and for those that never had one", () => {
    const late = mirror(10, { ...NOTHING, through: 12, names });
    expect(late.read({ after: 5 * 4_096, names: ["rare"], limit: 1 })).toMatchObject({ truncated: false });
    expect(late.read({ after: 4 * 4_096, names: ["rare"], limit: 1 })).toMatchObject({ truncated: true });
    expect(late.read({ after: 0, names: ["never"], limit: 1 })).toMatchObject({ truncated: false });
  });

  it("CUR-6: is that anything may be gone when nobody summed it up in time", () => {
    const late = mirror(10, { ...NOTHING, through: 7, names });
    for (const name of ["rare", "never"]) {
      expect(late.read({ after: 5 * 4_096, names: [name], limit: 1 })).toMatchObject({ truncated: true });
    }
  });
});
