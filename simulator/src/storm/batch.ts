import type { Control } from "../controls/control";
import { addCoverage, type Coverage } from "../kernel/faults";
import { drawPlan } from "../plan";
import { run } from "../run";

/** What several runs gave. */
export interface BatchResult {
  readonly runs: number;
  readonly events: number;
  readonly virtualMs: number;
  readonly coverage: Coverage;
  /** Seeds that failed, with what they broke. */
  readonly failures: readonly { readonly seed: number; readonly violations: readonly string[] }[];
}

/** Runs `count` seeds from `from` on, one after the other; with `stopAtFirst`, up to the first that fails. */
export async function runBatch(
  from: number,
  count: number,
  control: Control | undefined,
  stopAtFirst = false,
): Promise<BatchResult> {
  const coverage: Coverage = {};
  const failures: { seed: number; violations: readonly string[] }[] = [];
  let events = 0;
  let virtualMs = 0;
  let runs = 0;
  for (let seed = from; seed < from + count; seed += 1) {
    const result = await run(drawPlan(seed), { control });
    runs += 1;
    events += result.events;
    virtualMs += result.virtualMs;
    addCoverage(coverage, result.coverage);
    if (result.violations.length > 0) failures.push({ seed, violations: result.violations });
    if (stopAtFirst && failures.length > 0) break;
  }
  return { runs, events, virtualMs, coverage, failures };
}
