import { Command } from "commander";
import { completionCommand } from "./commands/completion";
import { conformanceCommand } from "./commands/conformance";
import { doctorCommand } from "./commands/doctor";
import { listCommand } from "./commands/list";
import { pollCommand } from "./commands/poll";
import { subscribeCommand } from "./commands/subscribe";
import { tailCommand } from "./commands/tail";
import { unsubscribeCommand } from "./commands/unsubscribe";
import type { Context } from "./context";
import { EXIT_CODES } from "./exit-codes";
import { BEARER_VARIABLE } from "./options/target";
import { VERSION } from "./version";

/**
 * The command line, whose commands run in a context.
 *
 * @param writeHelp - Takes help that was asked for; help after an error goes to stderr.
 */
export function makeProgram(context: Context, writeHelp: (text: string) => void): Command {
  const program = new Command("mcp-events")
    .description("The events of any MCP server (SEP-3415), from a terminal.")
    .version(VERSION, "--version")
    .usage("<command> [options] (--url URL | -- COMMAND [ARGS])")
    .exitOverride()
    .configureOutput({ writeOut: writeHelp, writeErr: (text) => context.out.note(text.trimEnd()) })
    .showHelpAfterError("Try --help.")
    .addHelpText("after", FOOTER);
  listCommand(program, context);
  tailCommand(program, context);
  pollCommand(program, context);
  subscribeCommand(program, context);
  unsubscribeCommand(program, context);
  doctorCommand(program, context);
  conformanceCommand(program, context);
  completionCommand(program, context);
  return program;
}

const FOOTER = `
The server is named by --url, or started by the command after --:
  mcp-events list --url http://127.0.0.1:8931/mcp
  mcp-events tail note.created -- node server.js

Data goes to stdout, everything else to stderr.

Environment:
  ${BEARER_VARIABLE}    bearer token for --url
  NO_COLOR             no colours; FORCE_COLOR: colours without a terminal too

Exit codes:
  ${EXIT_CODES.ok}  done, or stopped by SIGINT, SIGTERM or a closed pipe
  ${EXIT_CODES.failed}  failed: the server refused, a file could not be used, doctor found a problem
  ${EXIT_CODES.usage}  the command line cannot be followed; nothing was sent
  ${EXIT_CODES.notConnected}  no connection, no access, or a server without events
  ${EXIT_CODES.gap}  events are missing, and --stop-on-gap was given`;
