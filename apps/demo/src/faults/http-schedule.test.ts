import { describe, expect, it } from "vitest";
import { createRandom } from "../random";
import { HttpFaultSchedule } from "./http-schedule";
import { FAULT_PROFILES, type HttpFaults } from "./profiles";

const faults = FAULT_PROFILES.default.http as HttpFaults;

function draw(seed: number, chunks: number, chunkBytes: number) {
  const schedule = new HttpFaultSchedule(faults, createRandom(seed, "test"));
  return Array.from({ length: chunks }, () => schedule.advance(chunkBytes)).filter(
    (due) => due !== undefined,
  );
}

describe("HttpFaultSchedule", () => {
  it("is the same for the same seed", () => {
    expect(draw(3, 10_000, 10_000)).toEqual(draw(3, 10_000, 10_000));
    expect(draw(3, 10_000, 10_000)).not.toEqual(draw(4, 10_000, 10_000));
  });

  it("comes about every so many bytes", () => {
    const expected = (20_000 * 10_000) / faults.everyBytes;
    const { length } = draw(1, 20_000, 10_000);
    expect(length).toBeGreaterThan(expected * 0.8);
    expect(length).toBeLessThan(expected * 1.2);
  });

  it("draws every kind of fault, each within its lengths", () => {
    const drawn = draw(1, 100_000, 10_000);
    expect(new Set(drawn.map(({ fault }) => fault))).toEqual(new Set(Object.keys(faults.weights)));
    for (const { fault, ms } of drawn) {
      const [min, max] = fault === "cut" || fault === "hang" ? [0, 0] : faults[`${fault}Ms`];
      expect(ms).toBeGreaterThanOrEqual(min);
      expect(ms).toBeLessThanOrEqual(max);
    }
  });
});
