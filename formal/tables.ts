import { CONFIGURATIONS, CONTROLS, PROPERTIES } from "./cases";

function table(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const line = (cells: readonly (string | number)[]) => `| ${cells.join(" | ")} |`;
  return [line(head), `|${"---|".repeat(head.length)}`, ...rows.map(line)].join("\n");
}

/** The tables of docs/formal.md, as Markdown. */
export function formalTables(): string[] {
  return [
    table(
      ["property", "what has to hold"],
      Object.entries(PROPERTIES).map(([name, text]) => [name, text]),
    ),
    table(
      ["configuration", "what it is about", "lanes", "window", "events", "faults", "tries"],
      CONFIGURATIONS.map(({ name, about, lanes, window, events, faults, tries }) => {
        return [name, about, lanes, window === 0 ? "strict" : window, events, faults, tries];
      }),
    ),
    table(
      ["switch", "rule", "what is done instead", "breaks", "in"],
      CONTROLS.map(({ name, rule, instead, breaks, on }) => [`\`${name}\``, rule, instead, breaks, on]),
    ),
  ];
}
