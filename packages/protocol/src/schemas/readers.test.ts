import fc from "fast-check";
import { expect, test } from "vitest";
import { ORDERING_EXTENSION } from "../names";
import { isOccurrence, occurrenceSchema } from "./occurrence";
import { orderingMarkSchema, readOrdering, readOrderingMark } from "./ordering";

const wrong = fc.oneof(fc.jsonValue(), fc.constantFrom(undefined, -1, 1.5, 2 ** 53, "", {}, []));

/** An object that mostly fits: each member is right, or anything, or undefined. */
function members(right: Record<string, fc.Arbitrary<unknown>>): fc.Arbitrary<Record<string, unknown>> {
  const each = Object.entries(right).map(([key, value]) => {
    const some = fc.oneof({ weight: 8, arbitrary: value }, { weight: 1, arbitrary: wrong });
    return [key, some] as const;
  });
  return fc.record(Object.fromEntries(each), { noNullPrototype: true });
}

const text = fc.string();
const count = fc.nat();
const object = fc.dictionary(text, fc.jsonValue(), { noNullPrototype: true, maxKeys: 3 });

const occurrences = members({
  eventId: text,
  name: text,
  timestamp: text,
  data: object,
  cursor: fc.option(text),
  _meta: object,
  extra: fc.jsonValue(),
});

const marks = members({
  log: text,
  epoch: count,
  seq: count,
  prev: count,
  key: text,
  keyPrev: count,
  settled: count,
  continues: count,
  redriveOf: text,
  extra: fc.jsonValue(),
});

test("OCC-1: isOccurrence takes what the schema takes", () => {
  fc.assert(
    fc.property(fc.oneof({ weight: 20, arbitrary: occurrences }, wrong), (value) => {
      expect(isOccurrence(value)).toBe(occurrenceSchema.safeParse(value).success);
    }),
    { numRuns: 1_000 },
  );
});

test("readOrderingMark reads what the schema reads", () => {
  fc.assert(
    fc.property(fc.oneof({ weight: 20, arbitrary: marks }, wrong), (value) => {
      const meta = { [ORDERING_EXTENSION]: value };
      const bySchema = readOrdering(meta, orderingMarkSchema);
      const mark = readOrderingMark(meta);
      if (bySchema === undefined) expect(mark).toBeUndefined();
      else expect(mark).toMatchObject(bySchema);
    }),
    { numRuns: 1_000 },
  );
  expect(readOrderingMark(undefined)).toBeUndefined();
});
