import type { CheckInfo, Status } from "./check";

/** What came of one check. */
export interface CheckResult extends CheckInfo {
  /** The rule of the contract, such as `PUSH-2`. */
  readonly rule: string;
  readonly status: Status;
  /** Why it failed, warned or was skipped. */
  readonly detail?: string | undefined;
  /** In milliseconds. */
  readonly durationMs: number;
}

/** What came of a run. */
export interface Report {
  /** What kind of implementation was checked. */
  readonly kind: "server" | "client" | "receiver";
  /** Which one, for people: its URL or command. */
  readonly subject: string;
  /** ISO 8601. */
  readonly startedAt: string;
  /** In milliseconds. */
  readonly durationMs: number;
  readonly results: readonly CheckResult[];
  readonly counts: Readonly<Record<Status, number>>;
  /** No check failed. Warnings and skipped checks do not count. */
  readonly passed: boolean;
}

/** How many results of each status there are. */
export function countsOf(results: readonly CheckResult[]): Record<Status, number> {
  const counts = { SUCCESS: 0, FAILURE: 0, WARNING: 0, SKIPPED: 0 };
  for (const { status } of results) counts[status] += 1;
  return counts;
}
