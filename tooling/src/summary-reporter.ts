import type { Reporter, SerializedError, TestModule } from "vitest/node";

/** How one run of the tests ended, in numbers. */
export interface Summary {
  passed: number;
  failed: number;
  skipped: number;
}

/**
 * Counts tests by outcome. A file that failed outside its tests (it did not load, or a suite's hook threw) counts as
 * one failed test, and so does each error that no test caught.
 */
export function summarise(modules: readonly TestModule[], unhandled: readonly SerializedError[]): Summary {
  const summary: Summary = { passed: 0, failed: unhandled.length, skipped: 0 };
  for (const module of modules) {
    let failedHere = 0;
    for (const test of module.children.allTests()) {
      const { state } = test.result();
      if (state === "passed") summary.passed += 1;
      else if (state === "skipped") summary.skipped += 1;
      else failedHere += 1;
    }
    if (failedHere === 0 && !module.ok()) failedHere = 1;
    summary.failed += failedHere;
  }
  return summary;
}

/** `N passed, N failed`, with `, N skipped` when tests were skipped. */
export function summaryLine({ passed, failed, skipped }: Summary): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`;
}

/** Prints the summary as the last line on stdout. A run in which nothing passed is a failed run. */
export default class SummaryReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly SerializedError[]) {
    const summary = summarise(modules, unhandled);
    if (summary.passed === 0) process.exitCode = 1;
    process.stdout.write(`${summaryLine(summary)}\n`);
  }
}
