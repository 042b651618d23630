import { writeFile } from "node:fs/promises";
import { type Command, Option } from "commander";
import type { Context } from "../context";
import { EXIT_CODES } from "../exit-codes";
import { CliError } from "../failures/cli-error";
import { placeOf } from "../failures/connect-failure";
import { safeText } from "../format/safe-text";
import { withServerOptions } from "../options/common";
import { parseEventArguments } from "../options/event-arguments";
import { parseTarget, type Target, type TargetOptions } from "../options/target";
import { unlessAborted } from "../unless-aborted";

interface ConformanceOptions extends TargetOptions {
  readonly json?: true | undefined;
  readonly junit?: string | undefined;
  readonly only?: readonly string[] | undefined;
  readonly profile: "sep-3415" | "sketch";
}

/** `conformance`: a server against the rules of the events extension. */
export function conformanceCommand(program: Command, context: Context): void {
  withServerOptions(program.command("conformance"))
    .description("check a server against the rules of SEP-3415, by raw JSON-RPC, without any SDK")
    .argument("[name]", "event type that events are awaited of; default: the first that fits")
    .argument("[arguments...]", "its arguments: key=text, key:=json, or one JSON object")
    .option("--only <ids...>", "these checks (PUSH-2.active-first) or rules (PUSH-2) only")
    .addOption(
      new Option("--profile <profile>", "numbers of the error codes")
        .choices(["sep-3415", "sketch"])
        .default("sep-3415"),
    )
    .option("--json", "the report as JSON")
    .option("--junit <file>", "write the report as JUnit XML, too")
    .addHelpText(
      "after",
      `
Exit code 1 when a check failed; warnings and skipped checks do not count.

Examples:
  mcp-events conformance --url http://127.0.0.1:8931/mcp
  mcp-events conformance --only PUSH-2 POLL-1 -- node server.js --stdio

More can be set with mcp-events-conformance of @mcp-events/conformance, which also checks clients and receivers.`,
    )
    .action((name: string | undefined, words: string[], options: ConformanceOptions) =>
      conformance(context, name, words, options),
    );
}

async function conformance(
  context: Context,
  name: string | undefined,
  words: readonly string[],
  options: ConformanceOptions,
): Promise<void> {
  const { json, junit, only, profile } = options;
  const target = parseTarget(options, context.serverCommand, context.env);
  // None given: those that can be guessed.
  const args = words.length === 0 ? undefined : parseEventArguments(words);
  // Loaded when it is needed: it takes longer than all the rest.
  const [{ checkServer }, { toJson, toJunit, toTable }] = await Promise.all([
    import("@mcp-events/conformance/server"),
    import("@mcp-events/conformance/report"),
  ]);
  const checking = checkServer(checkedTarget(target), { type: name, arguments: args, only, profile });
  const reporting = checking.catch((cause: unknown) => {
    throw notChecked(cause, target);
  });
  const report = await unlessAborted(reporting, context.signal);
  const text = json ? toJson(report) : safeLines(toTable(report));
  await context.out.line(text.trimEnd());
  if (junit !== undefined) await writeFile(junit, toJunit(report));
  const { FAILURE: failed } = report.counts;
  if (!report.passed)
    throw new CliError(EXIT_CODES.failed, `${failed} check${failed === 1 ? "" : "s"} failed`);
}

function checkedTarget(target: Target) {
  return target.kind === "http"
    ? { url: target.url.href, headers: target.headers }
    : { command: target.command, args: target.args };
}

function notChecked(cause: unknown, target: Target): CliError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  // What `only` does not name is the command line's fault.
  if (cause instanceof RangeError) return new CliError(EXIT_CODES.usage, reason, "Try --help.", { cause });
  const hint = "`mcp-events doctor` says more about the connection.";
  return new CliError(EXIT_CODES.notConnected, `${placeOf(target)} could not be checked: ${reason}`, hint, {
    cause,
  });
}

function safeLines(text: string): string {
  return text.split("\n").map(safeText).join("\n");
}
