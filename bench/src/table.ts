import type { Report } from "./harness";

/** A report as lines for people. */
export function table(report: Report): string {
  const [first] = report.figures;
  const also = Object.keys(first?.also ?? {});
  const baselines = Object.keys(first?.ratios ?? {});
  const header = [
    "",
    `median ${report.unit}`,
    "range",
    ...also,
    ...baselines.map((baseline) => `÷ ${baseline}`),
  ];
  const rows = report.figures.map((figure) => [
    figure.variant,
    number(figure.median),
    `${number(figure.min)} … ${number(figure.max)}`,
    ...also.map((key) => number(figure.also[key] ?? Number.NaN)),
    ...baselines.map((baseline) => (figure.ratios[baseline] ?? Number.NaN).toPrecision(3)),
  ]);
  const widths = header.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]!.length)),
  );
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!)))
      .join("  ");
  const note = report.note === undefined ? [] : [`  ${report.note}`];
  const body = [header, ...rows].map((cells) => `  ${line(cells)}`);
  return [`${report.name} (${report.rounds} rounds)`, ...note, ...body, ""].join("\n");
}

function number(value: number): string {
  if (value >= 100) return Math.round(value).toLocaleString("en");
  return value.toPrecision(3);
}
