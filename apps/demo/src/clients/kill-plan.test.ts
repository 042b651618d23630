import { describe, expect, it } from "vitest";
import { createRandom } from "../random";
import { planKills } from "./kill-plan";

describe("planKills", () => {
  it("spreads kills over the run, never at its ends", () => {
    for (let seed = 0; seed < 200; seed += 1) {
      const kills = planKills(createRandom(seed), 3, 1_000);
      expect(kills).toHaveLength(3);
      expect(kills).toEqual(kills.toSorted((a, b) => a - b));
      expect(kills[0]).toBeGreaterThanOrEqual(30);
      expect(kills[2]).toBeLessThanOrEqual(870);
    }
  });

  it("plans none when none is asked for", () => {
    expect(planKills(createRandom(1), 0, 1_000)).toEqual([]);
  });

  it("is the same for the same seed", () => {
    expect(planKills(createRandom(5), 8, 100)).toEqual(planKills(createRandom(5), 8, 100));
  });
});
