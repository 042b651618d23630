import { PROGRAMS } from "./runtimes";
import type { Outcome } from "./try";

/** The table of `docs/runtimes.md`, from what was tried. */
export function runtimesTable(outcomes: readonly Pick<Outcome, "runtime" | "program" | "verdict">[]): string {
  const runtimes = [...new Set(outcomes.map(({ runtime }) => runtime))];
  const rows = Object.entries(PROGRAMS).map(([program, what]) => {
    const of = (runtime: string) =>
      outcomes.find((one) => one.program === program && one.runtime === runtime)?.verdict ?? "?";
    return [what, ...runtimes.map(of)];
  });
  const lines = [["", ...runtimes], ["", ...runtimes].map(() => "---"), ...rows];
  return lines.map((cells) => `| ${cells.join(" | ")} |`.replace("|  |", "| |")).join("\n");
}
