import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { IntervalSet } from "./interval-set";

const interval = fc
  .tuple(fc.nat(40), fc.integer({ min: 1, max: 8 }))
  .map(([after, length]) => [after, after + length] as const);

describe("IntervalSet", () => {
  it("agrees with a set of numbers", () => {
    fc.assert(
      fc.property(fc.nat(10), fc.array(interval, { maxLength: 20 }), (base, added) => {
        const reference = new Set<number>();
        const set = new IntervalSet(base);
        for (const [after, through] of added) {
          const before = set.ahead.length;
          const grows = set.grows(after, through);
          set.add(after, through);
          expect(set.ahead.length > before).toBe(grows);
          for (let seq = after + 1; seq <= through; seq += 1) reference.add(seq);
        }
        const all = Array.from({ length: 60 }, (_, seq) => seq);
        const wanted = all.filter((seq) => seq <= base || reference.has(seq));
        expect(all.filter((seq) => set.covers(seq))).toEqual(wanted);
        const missing = set
          .missing(55)
          .flatMap(([after, through]) => all.filter((n) => n > after && n <= through));
        expect(missing).toEqual(all.filter((seq) => seq <= 55 && !wanted.includes(seq)));
        for (const [index, [after]] of set.ahead.entries()) {
          expect(after).toBeGreaterThan(set.ahead[index - 1]?.[1] ?? set.base);
        }
      }),
    );
  });
});
