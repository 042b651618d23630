import { describe, expect, it } from "vitest";
import { drawPlan } from "./plan";
import { run } from "./run";
import { runBatch } from "./storm/batch";

describe("simulated runs", () => {
  it("ORD-1 ORD-2 ORD-3 ORD-4 ORD-5 ORD-7 ORD-8 ORD-9: 300 runs, in every mode and over each transport, hold the contract", {
    timeout: 120_000,
  }, async () => {
    const { failures, runs, events, coverage } = await runBatch(1, 300, undefined);
    expect(failures).toEqual([]);
    expect(runs).toBe(300);
    expect(events).toBeGreaterThan(5_000);
    expect(coverage["post overtook another"]).toBeGreaterThan(100);
    expect(coverage["server crashed, log kept"]).toBeGreaterThan(10);
  });

  it("a seed gives the same run each time, to the letter", async () => {
    for (const seed of [2, 26, 178]) {
      const first = await run(drawPlan(seed), { trace: true });
      expect(first.trace.length).toBeGreaterThan(50);
      expect(await run(drawPlan(seed), { trace: true })).toEqual(first);
    }
  });

  it("plans of different seeds differ, and have every mode and transport among them", () => {
    const clients = Array.from({ length: 200 }, (_, seed) => drawPlan(seed + 1)).flatMap(
      (plan) => plan.clients,
    );
    expect(new Set(clients.flatMap(({ modes }) => modes))).toEqual(new Set(["poll", "push", "webhook"]));
    expect(new Set(clients.map(({ carrier }) => carrier))).toEqual(new Set(["http", "stdio"]));
    expect(clients.some(({ isPlain }) => isPlain)).toBe(true);
  });
});
