import type { Command } from "commander";
import { withServer } from "../connect/server";
import type { Context } from "../context";
import { examine } from "../doctor/examine";
import { findingsOf } from "../doctor/findings";
import { reportJson, reportLines } from "../doctor/report";
import { verdictsOf } from "../doctor/verdicts";
import { withEvents } from "../events";
import { EXIT_CODES } from "../exit-codes";
import { CliError } from "../failures/cli-error";
import { type CommonOptions, withTarget } from "../options/common";
import { parseEventArguments } from "../options/event-arguments";

interface DoctorOptions extends CommonOptions {
  readonly json?: true | undefined;
}

/** `doctor`: what a server supports, and who can use it. */
export function doctorCommand(program: Command, context: Context): void {
  withTarget(program.command("doctor"))
    .description("say what a server supports, which clients will work with it, why not, and what to do")
    .argument("[name]", "event type to try: it is polled and streamed for a moment")
    .argument("[arguments...]", "its arguments: key=text, key:=json, or one JSON object")
    .option("--json", "one JSON object a line")
    .addHelpText(
      "after",
      `
Without NAME nothing is subscribed: types are listed, and one that does not exist is asked for, to see the errors.
Exit code 1 when there is a problem.

Examples:
  mcp-events doctor --url https://server.example/mcp
  mcp-events doctor note.created author=ann -- node server.js`,
    )
    .action((name: string | undefined, words: string[], options: DoctorOptions) =>
      doctor(context, name, words, options),
    );
}

async function doctor(
  context: Context,
  name: string | undefined,
  words: readonly string[],
  options: DoctorOptions,
): Promise<void> {
  const tried = name === undefined ? undefined : { name, arguments: parseEventArguments(words) };
  const { verbose, json } = options;
  const facts = await withServer(context, options, (server) =>
    withEvents(context, server, { verbose }, (events) => examine(server, events, tried)),
  );
  const findings = findingsOf(facts);
  const verdicts = verdictsOf(facts);
  const lines = json ? reportJson(findings, verdicts) : reportLines(findings, verdicts, context.styles);
  for (const line of lines) await context.out.line(line);
  const problems = findings.filter(({ level }) => level === "problem").length;
  if (problems > 0) {
    throw new CliError(EXIT_CODES.failed, `${problems} problem${problems > 1 ? "s" : ""} found`);
  }
}
