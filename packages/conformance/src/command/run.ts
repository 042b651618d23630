import { writeFile } from "node:fs/promises";
import { checkClient, listClientChecks } from "../client/check-client";
import { commandDriver } from "../client/command-driver";
import type { Report } from "../kit/report";
import { checkReceiver, listReceiverChecks } from "../receiver/check-receiver";
import { toJson } from "../report/json";
import { toJunit } from "../report/junit";
import { toTable } from "../report/table";
import { checkServer, listServerChecks } from "../server/check-server";
import { type Command, parseCommand } from "./arguments";
import { HELP } from "./help";
import { UsageError } from "./values";

/** Where the program writes. */
export interface Streams {
  out(text: string): void;
  err(text: string): void;
}

const LISTS = { server: listServerChecks, client: listClientChecks, receiver: listReceiverChecks };

/**
 * The program `mcp-events-conformance`.
 *
 * @param argv - The command line without the program's own name.
 * @returns its exit code: 0 when nothing failed, 1 when a check failed, 2 when nothing could be checked.
 */
export async function run(argv: readonly string[], streams: Streams): Promise<number> {
  try {
    return await follow(parseCommand(argv), streams);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const help = error instanceof UsageError ? "\nTry --help." : "";
    streams.err(`mcp-events-conformance: ${message}${help}\n`);
    return 2;
  }
}

async function follow(command: Command, { out }: Streams): Promise<number> {
  if (command.kind === "help") {
    out(HELP);
    return 0;
  }
  if (command.kind === "list") {
    for (const { id, severity, title } of LISTS[command.of]()) out(`${id}\t${severity}\t${title}\n`);
    return 0;
  }
  const report = await reportOf(command);
  const { json, junit } = command.output;
  out(json ? toJson(report) : toTable(report));
  if (junit !== undefined) await writeFile(junit, toJunit(report));
  return report.passed ? 0 : 1;
}

function reportOf(command: Exclude<Command, { kind: "help" | "list" }>): Promise<Report> {
  if (command.kind === "server") return checkServer(command.target, command.options);
  if (command.kind === "receiver") return checkReceiver(command.url, command.options);
  const [program, ...args] = command.program;
  return checkClient(commandDriver(program, args), command.program.join(" "), command.options);
}
