import type { CommandShape, OptionShape } from "./shape";

/** A completion script for fish. */
export function fishScript(commands: readonly CommandShape[]): string {
  const lines = commands.flatMap(({ name, description, words, options }) => [
    `complete -c mcp-events -f -n __fish_use_subcommand -a ${name} -d ${quoted(description)}`,
    ...words.map((word) => `complete -c mcp-events -f -n ${after(name)} -a ${word}`),
    ...options.map((option) => `complete -c mcp-events -n ${after(name)} ${optionWords(option)}`),
  ]);
  return `# fish completion for mcp-events: mcp-events completion fish | source\n${lines.join("\n")}\n`;
}

function after(name: string): string {
  return quoted(`__fish_seen_subcommand_from ${name}`);
}

function optionWords({ flag, description, value }: OptionShape): string {
  const long = `-l ${flag.slice(2)} -d ${quoted(description)}`;
  if (value === "none") return long;
  if (value === "file") return `${long} -r -F`;
  return value === "any" ? `${long} -x` : `${long} -x -a ${quoted(value.join(" "))}`;
}

function quoted(text: string): string {
  return `'${text.replace(/[\\']/g, "\\$&")}'`;
}
