import { PROGRAMS, type Program, RUNTIMES, WORKERD } from "./runtimes";

/** The table of `docs/runtimes.md`: what `check-runtimes` holds each runtime to. */
export function runtimesTable(): string {
  const titles = [...RUNTIMES, WORKERD].map(({ title }) => title);
  const programs = Object.entries(PROGRAMS) as [Program, string][];
  const rows = programs.map(([program, what]) => [
    what,
    ...RUNTIMES.map(({ refuses }) => (refuses?.[program] === undefined ? "yes" : "no")),
    inWorker(program),
  ]);
  const header = `| | ${titles.join(" | ")} |\n|${" --- |".repeat(titles.length + 1)}\n`;
  return header + rows.map((cells) => `| ${cells.join(" | ")} |\n`).join("");
}

function inWorker(program: Program): string {
  const flags = WORKERD.runs[program];
  if (flags === undefined) return "–";
  return flags.length === 0 ? "yes" : `with ${flags.map((flag) => `\`${flag}\``).join(", ")}`;
}
