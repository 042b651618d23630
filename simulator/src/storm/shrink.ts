import type { Control } from "../controls/control";
import { CALM } from "../kernel/world";
import type { Plan } from "../plan";
import { run } from "../run";

/** Runs that making one failure small may take. */
const MAX_RUNS = 250;

/** Makes a failing plan smaller for as long as it fails in the same way. */
export async function shrink(plan: Plan, violation: string, control: Control | undefined): Promise<Plan> {
  const wanted = kindOf(violation);
  let best = plan;
  let runs = 0;
  for (let progress = true; progress && runs < MAX_RUNS; ) {
    progress = false;
    for (const candidate of smaller(best)) {
      if (runs >= MAX_RUNS) break;
      runs += 1;
      const { violations } = await run(candidate, { control });
      if (!violations.some((one) => kindOf(one) === wanted)) continue;
      best = candidate;
      progress = true;
      break;
    }
  }
  return best;
}

/** The rule that a violation names. */
export function kindOf(violation: string): string {
  return /(ORD-\d|PUSH-\d|rule \d+|liveness|ended by itself|commit failed)/.exec(violation)?.[0] ?? violation;
}

/** Plans with less in them, the greatest steps first. */
function* smaller(plan: Plan): Generator<Plan> {
  if (plan.clients.length > 1) {
    for (const client of plan.clients) yield { ...plan, clients: [client] };
    for (const client of plan.clients)
      yield { ...plan, clients: plan.clients.filter((one) => one !== client) };
  }
  for (const disasters of less(plan.disasters)) yield { ...plan, disasters };
  for (const emits of less(plan.emits)) yield { ...plan, emits };
  for (const name of Object.keys(CALM) as (keyof typeof CALM)[]) {
    if (plan.rates[name] > 0) yield { ...plan, rates: { ...plan.rates, [name]: 0 } };
  }
  if (plan.slowStore) yield { ...plan, slowStore: false };
  if (plan.slowMatch) yield { ...plan, slowMatch: false };
}

/** Shorter lists: halves, quarters, …, then without single members. */
function* less<T>(list: readonly T[]): Generator<T[]> {
  for (let size = list.length >> 1; size >= 1; size >>= 1) {
    for (let at = 0; at < list.length; at += size) {
      yield [...list.slice(0, at), ...list.slice(at + size)];
    }
  }
}
