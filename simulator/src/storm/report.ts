import { FAULT_KINDS } from "../kernel/faults";
import type { Plan } from "../plan";
import type { Failure } from "./failure";
import { COVERING_RUNS, type StormResult } from "./storm";

/** The result of a storm, for people. */
export function formatStorm(result: StormResult): string {
  const { runs, events, virtualMs, tookMs, coverage, failures } = result;
  const perMinute = Math.round((runs / tookMs) * 60_000);
  const lines = [
    `${runs} runs in ${(tookMs / 1_000).toFixed(1)} s (${perMinute} a minute), ${events} events, ${Math.round(virtualMs / 60_000)} virtual minutes`,
    "",
    "injected:",
    ...FAULT_KINDS.map((kind) => `${String(coverage[kind] ?? 0).padStart(9)}  ${kind}`),
    "",
    failures.length === 0 ? "no run broke the contract" : `${failures.length} runs broke the contract`,
  ];
  for (const kind of unmet(result)) lines.push(`never injected: ${kind}`);
  return `${lines.join("\n")}\n`;
}

/** Kinds of faults that a storm of this size had to meet and did not. */
export function unmet({ runs, missing, failures }: StormResult): readonly string[] {
  return runs >= COVERING_RUNS && failures.length === 0 ? missing : [];
}

/**
 * A failure, for people: its seed, what is left of its plan, and the trace.
 *
 * @param control - Name of the control that was switched on.
 */
export function formatFailure(
  { seed, violations, plan, smallViolations, trace }: Failure,
  control?: string,
): string {
  return [
    `seed ${seed}: ${violations.join("\n  ")}`,
    "",
    "made small:",
    ...formatPlan(plan),
    "",
    ...trace,
    "",
    ...smallViolations.slice(0, 5),
    "",
    `replay: npx -y pnpm@12.21.0 storm --seed ${seed}${control === undefined ? "" : ` --control ${control}`}`,
    "",
  ].join("\n");
}

/** A plan in a few lines. */
export function formatPlan(plan: Plan): string[] {
  const { clients, disasters, emits, rates, seed: _seed, ...rest } = plan;
  const positive = Object.entries(rates).filter(([, rate]) => rate > 0);
  return [
    `  ${JSON.stringify(rest)}`,
    `  rates ${positive.map(([name, rate]) => `${name} ${rate.toFixed(2)}`).join(", ") || "none"}`,
    ...clients.map((client) => `  ${JSON.stringify(client)}`),
    ...disasters.map(({ at, kind, client, ms }) => `  at ${at}: ${kind}, client ${client}, ${ms} ms`),
    `  ${emits.length} events`,
  ];
}
