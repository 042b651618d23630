import { expect, it } from "vitest";
import { createRandom } from "../random";
import { drawKills } from "./plan";

it("kills each of the victims before any a second time, the same for the same seed", () => {
  const victims = ["server", "proxy", "client"] as const;
  const steps = drawKills({ victims, kills: 6 }, createRandom(7, "kills"));
  expect(steps.map(({ victim }) => victim).slice(0, 3)).toEqual(victims);
  expect(steps).toHaveLength(6);
  expect(drawKills({ victims, kills: 6 }, createRandom(7, "kills"))).toEqual(steps);
});

it("waits for an event before the first kill, so that there is a position to go on from", () => {
  for (let seed = 0; seed < 100; seed += 1) {
    const [first] = drawKills({ victims: ["client"], kills: 1 }, createRandom(seed));
    expect(first?.afterEvents).toBeGreaterThan(0);
  }
});
