import { type Check, type CheckInfo, ruleOf, type Status, Untestable } from "./check";
import { type CheckResult, countsOf, type Report } from "./report";

/** Which checks run, and who is told. */
export interface RunOptions {
  /** Ids of checks (`PUSH-2.active-first`) or of rules (`PUSH-2`); default all. */
  readonly only?: readonly string[] | undefined;
  /** Told each result as it comes. */
  readonly onResult?: ((result: CheckResult) => void) | undefined;
}

/**
 * The checks that were asked for.
 *
 * @throws RangeError when an id is neither a check's nor a rule's.
 */
export function selected<C extends CheckInfo>(checks: readonly C[], only?: readonly string[]): readonly C[] {
  if (only === undefined || only.length === 0) return checks;
  const found = only.map((id) => {
    const matching = checks.filter((check) => check.id === id || ruleOf(check.id) === id);
    if (matching.length === 0) throw new RangeError(`there is no check ${id}`);
    return matching;
  });
  const wanted = new Set(found.flat());
  return checks.filter((check) => wanted.has(check));
}

/** Runs checks one after another, each with a context of its own that is closed before the next. */
export async function runChecks<Context extends { close(): Promise<void> }>(
  about: Pick<Report, "kind" | "subject">,
  checks: readonly Check<Context>[],
  contextOf: () => Promise<Context> | Context,
  options: RunOptions,
): Promise<Report> {
  const startedAt = new Date().toISOString();
  const begin = performance.now();
  const results: CheckResult[] = [];
  for (const check of selected(checks, options.only)) {
    const result = await runCheck(check, contextOf);
    results.push(result);
    options.onResult?.(result);
  }
  const counts = countsOf(results);
  const durationMs = Math.round(performance.now() - begin);
  return { ...about, startedAt, durationMs, results, counts, passed: counts.FAILURE === 0 };
}

async function runCheck<Context extends { close(): Promise<void> }>(
  check: Check<Context>,
  contextOf: () => Promise<Context> | Context,
): Promise<CheckResult> {
  const begin = performance.now();
  const outcome = await outcomeOf(check, contextOf);
  const { id, title, severity, reference } = check;
  const durationMs = Math.round(performance.now() - begin);
  return { id, rule: ruleOf(id), title, severity, reference, ...outcome, durationMs };
}

async function outcomeOf<Context extends { close(): Promise<void> }>(
  check: Check<Context>,
  contextOf: () => Promise<Context> | Context,
): Promise<{ status: Status; detail?: string }> {
  let context: Context | undefined;
  try {
    context = await contextOf();
    await check.run(context);
    return { status: "SUCCESS" };
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    if (error instanceof Untestable) return { status: "SKIPPED", detail };
    return { status: check.severity === "MUST" ? "FAILURE" : "WARNING", detail };
  } finally {
    await context?.close().catch(() => {});
  }
}
