import { describe, expect, it } from "vitest";
import { drawPlan } from "../plan";
import { run } from "../run";
import { runBatch } from "../storm/batch";
import { CONTROLS } from "./index";

describe("negative controls", () => {
  it.each(CONTROLS.map((control) => [control.name, control] as const))(
    "the storm catches %s, and finds nothing in the same run without it",
    { timeout: 60_000 },
    async (_name, control) => {
      const { failures, runs } = await runBatch(1, control.within, control, true);
      expect(failures).toHaveLength(1);
      expect(runs).toBeLessThanOrEqual(control.within);
      const { seed } = failures[0]!;
      const plan = drawPlan(seed);
      const { violations } = await run(control.plan?.(plan) ?? plan);
      expect(violations).toEqual([]);
    },
  );

  it("names are unique, and each says what it breaks", () => {
    expect(new Set(CONTROLS.map(({ name }) => name)).size).toBe(CONTROLS.length);
    for (const { breaks } of CONTROLS) expect(breaks).toMatch(/^(ORD-\d|PUSH-\d|rule \d+)/);
  });

  it("a control leaves nothing behind", async () => {
    const plan = drawPlan(1);
    const before = await run(plan, { trace: true });
    for (const control of CONTROLS) await run(plan, { control });
    expect(await run(plan, { trace: true })).toEqual(before);
  });
});
