import type { Command, Option } from "commander";

/** An option, as far as a shell completes it. */
export interface OptionShape {
  /** With its dashes, such as `--url`. */
  readonly flag: string;
  readonly description: string;
  /** What its value may be: nothing, one of a few words, a file, or anything. */
  readonly value: "none" | "file" | "any" | readonly string[];
}

/** A command, as far as a shell completes it. */
export interface CommandShape {
  readonly name: string;
  readonly description: string;
  /** Words that its first argument is one of. */
  readonly words: readonly string[];
  readonly options: readonly OptionShape[];
}

/** The commands of a program, read from it, so that completion knows what the program knows. */
export function shapeOf(program: Command): CommandShape[] {
  return program.commands.map((command) => ({
    name: command.name(),
    description: command.description(),
    words: command.registeredArguments[0]?.argChoices ?? [],
    options: command.options.map(optionShape),
  }));
}

function optionShape(option: Option): OptionShape {
  return { flag: option.long ?? "", description: option.description, value: valueOfOption(option) };
}

function valueOfOption(option: Option): OptionShape["value"] {
  if (!option.required && !option.optional) return "none";
  if (option.argChoices !== undefined) return option.argChoices;
  return option.flags.includes("<file>") ? "file" : "any";
}
