import { Argument, type Command } from "commander";
import { bashScript } from "../completion/bash";
import { fishScript } from "../completion/fish";
import { shapeOf } from "../completion/shape";
import { zshScript } from "../completion/zsh";
import type { Context } from "../context";

const SCRIPTS = { bash: bashScript, zsh: zshScript, fish: fishScript } as const;

/** `completion`: scripts for shells. */
export function completionCommand(program: Command, { out }: Pick<Context, "out">): void {
  program
    .command("completion")
    .description("write a completion script for a shell")
    .addArgument(new Argument("<shell>", "which shell").choices(Object.keys(SCRIPTS)))
    .addHelpText(
      "after",
      `
Examples:
  eval "$(mcp-events completion bash)"
  mcp-events completion zsh > "\${fpath[1]}/_mcp-events"
  mcp-events completion fish | source`,
    )
    .action((shell: keyof typeof SCRIPTS) => out.line(SCRIPTS[shell](shapeOf(program)).trimEnd()));
}
