import { describe, expect, it } from "vitest";
import { createRandom, exponential, integerBetween, pick, shuffle } from "./random";

describe("createRandom", () => {
  const draw = (...labels: string[]) => Array.from({ length: 5 }, createRandom(1, ...labels));

  it("gives each part of a run a sequence of its own, the same every time", () => {
    expect(draw("proxy")).toEqual(draw("proxy"));
    expect(draw("proxy")).not.toEqual(draw("stdio"));
    expect(Array.from({ length: 5 }, createRandom(2, "proxy"))).not.toEqual(draw("proxy"));
  });

  it("is spread evenly over [0, 1)", () => {
    const random = createRandom(1);
    const values = Array.from({ length: 10_000 }, random);
    expect(Math.min(...values)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...values)).toBeLessThan(1);
    expect(values.reduce((sum, value) => sum + value, 0) / values.length).toBeCloseTo(0.5, 1);
  });
});

describe("draws", () => {
  it("reach both ends of a range, and no further", () => {
    const random = createRandom(1);
    const drawn = new Set(Array.from({ length: 1_000 }, () => integerBetween(random, 3, 6)));
    expect([...drawn].toSorted()).toEqual([3, 4, 5, 6]);
  });

  it("shuffle keeps every item", () => {
    const items = Array.from({ length: 50 }, (_, index) => index);
    const shuffled = shuffle(createRandom(1), items);
    expect(shuffled).not.toEqual(items);
    expect(shuffled.toSorted((a, b) => a - b)).toEqual(items);
  });

  it("pick refuses to pick from nothing", () => {
    expect(() => pick(createRandom(1), [])).toThrow("nothing to pick from");
  });

  it("exponential has the mean that is asked for", () => {
    const random = createRandom(1);
    const values = Array.from({ length: 20_000 }, () => exponential(random, 100));
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    expect(mean).toBeGreaterThan(97);
    expect(mean).toBeLessThan(103);
  });
});
