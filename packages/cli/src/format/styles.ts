import { styleText } from "node:util";

/** How parts of a line are set off from each other; every member returns its text, coloured or as it is. */
export interface Styles {
  readonly name: (text: string) => string;
  readonly faint: (text: string) => string;
  readonly good: (text: string) => string;
  readonly warning: (text: string) => string;
  readonly bad: (text: string) => string;
  readonly strong: (text: string) => string;
}

/**
 * Whether to write colours: never with `NO_COLOR`, always with `FORCE_COLOR` (other than `0`), else on a terminal.
 *
 * @param isTTY - Whether the output is a terminal.
 */
export function wantsColor(env: Readonly<Record<string, string | undefined>>, isTTY: boolean): boolean {
  const { NO_COLOR: no = "", FORCE_COLOR: force = "", TERM: term } = env;
  if (no !== "") return false;
  if (force !== "") return force !== "0";
  return isTTY && term !== "dumb";
}

/** {@link Styles} with colours, or without. */
export function stylesFor(colored: boolean): Styles {
  const plain = (text: string) => text;
  if (!colored) return { name: plain, faint: plain, good: plain, warning: plain, bad: plain, strong: plain };
  // Whether there is a terminal was decided already, by the environment that was given.
  const style = (format: Parameters<typeof styleText>[0]) => (text: string) =>
    styleText(format, text, { validateStream: false });
  return {
    name: style("cyan"),
    faint: style("dim"),
    good: style("green"),
    warning: style("yellow"),
    bad: style("red"),
    strong: style("bold"),
  };
}
