import type { Report } from "./harness";

const WIDTH = 360;
const HEIGHT = 220;
const LEFT = 56;
const TOP = 40;
const PLOT_WIDTH = WIDTH - LEFT - 24;
const PLOT_HEIGHT = HEIGHT - TOP - 44;

/** Every report that says how a cost grows, as one SVG: a panel each, cost relative to the first point, both axes logarithmic. */
export function plot(reports: readonly Report[]): string {
  const grown = reports.filter(({ growth }) => growth !== undefined);
  const panels = grown.map((report, index) => panel(report, index * WIDTH));
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${Math.max(grown.length, 1) * WIDTH}" height="${HEIGHT}" ` +
      'font-family="sans-serif" font-size="11">',
    '<rect width="100%" height="100%" fill="white"/>',
    ...panels,
    "</svg>",
    "",
  ].join("\n");
}

function panel({ name, unit, growth, figures }: Report, left: number): string {
  const { of, at } = growth!;
  const first = figures[0]!.median;
  // What one costs, beside what it cost at the first point: 1 where the cost does not grow.
  const costs = figures.map(({ median }) => first / median);
  const top = Math.max(10, ...costs) * 1.2;
  const bottom = Math.min(0.1, ...costs) / 1.2;
  const x = (value: number) => LEFT + PLOT_WIDTH * share(value, at[0]!, at.at(-1)!);
  const y = (value: number) => TOP + PLOT_HEIGHT * (1 - share(value, bottom, top));
  const points = at.map((value, index) => [x(value), y(costs[index]!)] as const);
  const ticks = [0.01, 0.1, 1, 10, 100].filter((value) => value > bottom && value < top);
  return [
    `<g transform="translate(${left} 0)">`,
    text(LEFT, 16, wrapped(name), 'font-weight="bold" font-size="10"'),
    text(LEFT, 30, `cost relative to ${at[0]?.toLocaleString("en")} (from ${unit})`, 'fill="#666"'),
    ...ticks.map(
      (value) =>
        `<line x1="${LEFT}" x2="${LEFT + PLOT_WIDTH}" y1="${y(value)}" y2="${y(value)}" stroke="${value === 1 ? "#999" : "#ddd"}"/>` +
        text(LEFT - 6, y(value) + 4, `×${value}`, 'text-anchor="end"'),
    ),
    ...at.map((value) => text(x(value), TOP + PLOT_HEIGHT + 16, short(value), 'text-anchor="middle"')),
    text(LEFT + PLOT_WIDTH / 2, HEIGHT - 10, of, 'text-anchor="middle" fill="#666"'),
    `<polyline points="${points.map((point) => point.join(",")).join(" ")}" fill="none" stroke="#0a6" stroke-width="2"/>`,
    ...points.map(([cx, cy]) => `<circle cx="${cx}" cy="${cy}" r="3" fill="#0a6"/>`),
    "</g>",
  ].join("\n");
}

function share(value: number, low: number, high: number): number {
  return (Math.log(value) - Math.log(low)) / (Math.log(high) - Math.log(low));
}

function text(x: number, y: number, content: string, attributes: string): string {
  return `<text x="${x}" y="${y}" ${attributes}>${content}</text>`;
}

function wrapped(name: string): string {
  const escaped = name.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
  return escaped.length > 56 ? `${escaped.slice(0, 55)}…` : escaped;
}

function short(value: number): string {
  return value >= 1_000 ? `${value / 1_000}k` : String(value);
}
