import type { CheckResult, Report } from "../kit/report";

const NARROW = 72;

/** The report as a table, for people. */
export function toTable(report: Report): string {
  const width = Math.max(...report.results.map(({ id }) => id.length), 0);
  const lines = report.results.map((result) => line(result, width));
  const { SUCCESS, FAILURE, WARNING, SKIPPED } = report.counts;
  const sum = `${SUCCESS} passed, ${FAILURE} failed, ${WARNING} warned, ${SKIPPED} skipped`;
  return `${[`${report.kind} ${report.subject}`, "", ...lines, "", `${sum} in ${report.durationMs} ms`].join("\n")}\n`;
}

function line({ status, id, severity, title, detail, reference }: CheckResult, width: number): string {
  const first = `${status.padEnd(7)}  ${id.padEnd(width)}  ${title}`;
  if (detail === undefined) return first;
  const indent = " ".repeat(7 + 2 + 2);
  const where = status === "SKIPPED" ? [] : [`${severity}: ${reference}`];
  return [
    first,
    ...wrap(detail)
      .concat(where)
      .map((text) => indent + text),
  ].join("\n");
}

function wrap(text: string): string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + word.length < NARROW) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}
