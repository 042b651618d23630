/** How strictly a rule binds: a broken MUST is a failure, a broken SHOULD a warning. */
export type Severity = "MUST" | "SHOULD";

/** What came of a check. */
export type Status = "SUCCESS" | "FAILURE" | "WARNING" | "SKIPPED";

/** What a check is, without the code that runs it. */
export interface CheckInfo {
  /** The rule of the contract, a dot and a word: `PUSH-2.active-first`. Stable. */
  readonly id: string;
  /** What the peer does when all is well. */
  readonly title: string;
  readonly severity: Severity;
  /** Where the rule stands: a section of SEP-3415, or the ordering contract. */
  readonly reference: string;
}

/** One rule, or a part of it, that is tried against an implementation. */
export interface Check<Context> extends CheckInfo {
  /**
   * Tries it.
   *
   * @throws Violation when the rule is broken, Untestable when it could not be tried.
   */
  run(context: Context): Promise<void>;
}

/** The rule of the contract that a check belongs to: `PUSH-2` for `PUSH-2.active-first`. */
export function ruleOf(id: string): string {
  return id.split(".", 1)[0] ?? id;
}

/** The rule is broken; the message says how. */
export class Violation extends Error {
  override readonly name = "Violation";
}

/** The rule could not be tried; the message says what is missing. */
export class Untestable extends Error {
  override readonly name = "Untestable";
}

/** A section of SEP-3415. */
export const sep = (section: string): string => `SEP-3415, ${section}`;

/** A guarantee of the ordering contract (`ORD-2`), or a rule of its engine (`rule 7`). */
export const ordering = (rule: string): string =>
  rule.startsWith("ORD-") ? `docs/specification/ordering.md, ${rule}` : `docs/ordering-rules.md, ${rule}`;
