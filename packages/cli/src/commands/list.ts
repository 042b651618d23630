import type { Command } from "commander";
import { withServer } from "../connect/server";
import type { Context } from "../context";
import { withEvents } from "../events";
import { EXIT_CODES } from "../exit-codes";
import { CliError } from "../failures/cli-error";
import { descriptorText } from "../format/descriptor";
import { safeJson } from "../format/safe-text";
import { type CommonOptions, withTarget } from "../options/common";

interface ListOptions extends CommonOptions {
  readonly json?: true | undefined;
}

/** `list`: the event types of a server. */
export function listCommand(program: Command, context: Context): void {
  withTarget(program.command("list"))
    .description("list event types: delivery modes, order, arguments and data")
    .argument("[name]", "show this type only, with its data")
    .option("--json", "one descriptor a line, as the server sent it")
    .addHelpText(
      "after",
      `
Examples:
  mcp-events list --url http://127.0.0.1:8931/mcp
  mcp-events list note.created --json -- node server.js`,
    )
    .action((name: string | undefined, options: ListOptions) => list(context, name, options));
}

async function list(context: Context, name: string | undefined, options: ListOptions): Promise<void> {
  const { out, styles } = context;
  await withServer(context, options, (server) =>
    withEvents(context, server, { verbose: options.verbose }, async (events) => {
      const all = await events.list();
      const shown = name === undefined ? all : all.filter((one) => one.name === name);
      if (name !== undefined && shown.length === 0)
        throw unknownType(
          name,
          all.map((one) => one.name),
        );
      for (const descriptor of shown) {
        const text = options.json
          ? safeJson(descriptor)
          : descriptorText(descriptor, styles, name !== undefined);
        await out.line(text);
      }
      if (all.length === 0) out.note("The server lists no event types.");
    }),
  );
}

function unknownType(name: string, known: readonly string[]): CliError {
  const names = known.length === 0 ? "It lists none." : `It lists ${known.join(", ")}.`;
  return new CliError(EXIT_CODES.failed, `the server lists no event type ${JSON.stringify(name)}`, names);
}
