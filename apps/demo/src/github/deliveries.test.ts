import { describe, expect, it } from "vitest";
import { createRandom } from "../random";
import { bodyOf, type Delivery, planDeliveries } from "./deliveries";
import { loadExamples } from "./examples";
import { orderingKeyOf } from "./ordering-key";

const examples = loadExamples();

function plan(count: number, seed = 1, repos = 50): Delivery[] {
  const plan = { count, repos, favoured: ["push", "issues.opened", "fork"], favouredShare: 0.5 };
  return planDeliveries(examples, plan, createRandom(seed));
}

describe("planDeliveries", () => {
  it("begins with each of the 329 recordings, to the byte", () => {
    const bodies = plan(examples.length).map(bodyOf);
    expect(bodies).toHaveLength(329);
    expect(bodies.toSorted()).toEqual(examples.map(({ payload }) => JSON.stringify(payload)).toSorted());
  });

  it("knows 58 kinds", () => {
    expect(new Set(plan(329).map(({ kind }) => kind)).size).toBe(58);
  });

  it("goes on with replays of other repositories and numbers", () => {
    const replays = plan(1_329, 1, 5).filter(({ movedTo }) => movedTo !== undefined);
    expect(replays).toHaveLength(1_000);
    const keys = replays.map((replay) => orderingKeyOf(JSON.parse(bodyOf(replay))));
    const repositories = keys.filter((key) => key?.startsWith("acme/")).map((key) => key?.split("#")[0]);
    expect(new Set(repositories).size).toBe(5);
    expect(new Set(keys.filter((key) => key?.includes("#"))).size).toBeGreaterThan(50);
  });

  it("draws replays of the favoured types as often as asked, and of all others", () => {
    const types = plan(4_329)
      .filter(({ movedTo }) => movedTo !== undefined)
      .map(({ type }) => type);
    const favoured = types.filter((type) => ["push", "issues.opened", "fork"].includes(type));
    expect(favoured.length / types.length).toBeCloseTo(0.5, 1);
    expect(new Set(types).size).toBe(161);
  });

  it("names the repository alike everywhere in a replay", () => {
    const replay = plan(400).find(
      ({ kind, movedTo }) => movedTo !== undefined && kind === "issues",
    ) as Delivery;
    const { repository, issue } = JSON.parse(bodyOf(replay));
    expect(issue.repository_url).toBe(`https://api.github.com/repos/${repository.full_name}`);
    expect(repository.full_name).toBe(`acme/${repository.name}`);
  });

  it("never uses a delivery id twice", () => {
    const ids = plan(5_000).map(({ id }) => id);
    expect(new Set(ids).size).toBe(5_000);
    expect(ids[0]).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  it("gives the same for the same seed and another for another", () => {
    expect(plan(400, 7)).toEqual(plan(400, 7));
    expect(plan(400, 7)).not.toEqual(plan(400, 8));
  });
});
