import fc from "fast-check";
import { expect, test } from "vitest";
import { jsonCopy } from "./json-guard";

const odd = fc.constantFrom<unknown>(
  undefined,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  -0,
  0,
  new Date(0),
  new Map([[1, 2]]),
  new Uint8Array([1]),
  Symbol("s"),
  () => 1,
  Object.create({ inherited: 1 }),
  Object.create(null, { own: { value: 1, enumerable: true }, hidden: { value: 2 } }),
  { toJSON: () => "other" },
  new String("boxed"),
  // biome-ignore lint/suspicious/noSparseArray: JSON writes null where an array has a hole
  [1, , 2],
  JSON.parse('{"__proto__":{"a":1}}'),
);

const values = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.jsonValue(),
    odd,
    tie("object"),
    fc.array(tie("value"), { maxLength: 3 }),
  ),
  object: fc.dictionary(fc.string(), tie("value"), { maxKeys: 4 }),
}));

test("a copy is what JSON makes of a value, whatever it holds", () => {
  fc.assert(
    fc.property(values.object as fc.Arbitrary<object>, (value) => {
      const text = JSON.stringify(value);
      const { copy, text: given } = jsonCopy("data", value);
      expect(given).toBe(text);
      expect(copy).toStrictEqual(JSON.parse(text));
      expect(JSON.stringify(copy)).toBe(text);
    }),
    { numRuns: 1_000 },
  );
});

test("a copy does not change with the original", () => {
  const value = { list: [{ n: 1 }], deep: { a: { b: 1 } } };
  const { copy } = jsonCopy("data", value);
  value.list[0]!.n = 2;
  value.deep.a.b = 2;
  expect(copy).toEqual({ list: [{ n: 1 }], deep: { a: { b: 1 } } });
});

test("what nests deeply is copied, too", () => {
  let value: object = { end: 1 };
  for (let depth = 0; depth < 500; depth += 1) value = depth % 2 === 0 ? { value } : { value: [value] };
  expect(jsonCopy("data", value).copy).toEqual(value);
});
