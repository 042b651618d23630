import { describe, expect, it } from "vitest";
import { controlNamed } from "../controls/index";
import { drawPlan } from "../plan";
import { run } from "../run";
import { runBatch } from "./batch";
import { failureOf } from "./failure";
import { formatFailure } from "./report";
import { kindOf } from "./shrink";

describe("a failure made small", () => {
  it("fails in the same way with less, and its trace ends where the contract breaks", {
    timeout: 60_000,
  }, async () => {
    const control = controlNamed("cursor-before-handler")!;
    const { failures } = await runBatch(1, control.within, control, true);
    const { seed } = failures[0]!;
    const { violations, plan, smallViolations, trace } = await failureOf(seed, control);
    const drawn = drawPlan(seed);
    expect(violations).toEqual((await run(drawn, { control })).violations);
    expect(smallViolations.map(kindOf)).toContain(kindOf(violations[0]!));
    expect(plan.emits.length).toBeLessThan(drawn.emits.length / 2);
    expect(plan.clients).toHaveLength(1);
    expect(trace.at(-1)).toContain("VIOLATED");
    const text = formatFailure({ seed, violations, plan, smallViolations, trace });
    expect(text).toContain(`storm --seed ${seed}`);
    expect(text).toContain(`${plan.emits.length} events`);
  });

  it("what a violation broke is told apart from where", () => {
    expect(kindOf("client0 x: ORD-2: event 5 is silently lost")).toBe("ORD-2");
    expect(kindOf("https://a: rule 10: two posts")).toBe("rule 10");
    expect(kindOf("something else")).toBe("something else");
  });
});
