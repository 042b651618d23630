import type { Control } from "../controls/control";
import { drawPlan, type Plan } from "../plan";
import { run } from "../run";
import { shrink } from "./shrink";

/** A run that broke the contract, made small. */
export interface Failure {
  readonly seed: number;
  /** As the seed gives it. */
  readonly violations: readonly string[];
  /** What was left of the plan. */
  readonly plan: Plan;
  /** Of the small plan. */
  readonly smallViolations: readonly string[];
  readonly trace: readonly string[];
}

/** Lines of a trace that are printed at most: those before the first violation. */
const TRACE_LINES = 250;

/** Replays a seed that failed, and makes it small. */
export async function failureOf(seed: number, control: Control | undefined): Promise<Failure> {
  const drawn = drawPlan(seed);
  const { violations } = await run(drawn, { control });
  const plan = violations.length === 0 ? drawn : await shrink(drawn, violations[0]!, control);
  const small = await run(plan, { control, trace: true });
  const first = small.trace.findIndex((line) => line.includes("VIOLATED"));
  const trace = small.trace.slice(Math.max(0, first + 1 - TRACE_LINES), first + 1);
  return { seed, violations, plan, smallViolations: small.violations, trace };
}
