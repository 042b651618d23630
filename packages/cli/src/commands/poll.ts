import { METHODS } from "@mcp-events/protocol";
import { type Command, Option } from "commander";
import { withServer } from "../connect/server";
import type { Context } from "../context";
import { pageJson, pageText } from "../format/page";
import { type CommonOptions, withTarget } from "../options/common";
import { parseEventArguments } from "../options/event-arguments";
import { milliseconds, wholeNumber } from "../options/numbers";
import { requireEvents } from "../require-events";
import { startingCursor } from "../starting-point";

interface PollOptions extends CommonOptions {
  readonly json?: true | undefined;
  readonly from: string;
  readonly maxEvents?: number | undefined;
  readonly maxAge?: number | undefined;
  readonly wait: number;
}

/** Time a poll may take beside the wait that was asked for, in milliseconds. */
const ANSWER_MS = 15_000;

/** `poll`: one poll, and its page. */
export function pollCommand(program: Command, context: Context): void {
  withTarget(program.command("poll"))
    .description("ask once, and write the page and the cursor to go on from")
    .argument("<name>", "event type")
    .argument("[arguments...]", "its arguments: key=text, key:=json, or one JSON object")
    .option("--json", "the page as one line of JSON, as the server sent it")
    .option("--from <where>", "now, oldest (what the server still has), or a cursor", "now")
    .addOption(new Option("--max-events <n>", "most events of the page").argParser(wholeNumber(1)))
    .addOption(new Option("--max-age <ms>", "go back no further than this").argParser(milliseconds(0)))
    .addOption(
      new Option("--wait <ms>", "let the server wait so long for an event")
        .argParser(wholeNumber(0, 2 ** 31 - 1 - ANSWER_MS))
        .default(0),
    )
    .addHelpText(
      "after",
      `
Examples:
  mcp-events poll note.created --from oldest --url http://127.0.0.1:8931/mcp
  mcp-events poll note.created --from "$cursor" --json --url http://127.0.0.1:8931/mcp | jq -r .cursor`,
    )
    .action((name: string, words: string[], options: PollOptions) => poll(context, name, words, options));
}

async function poll(context: Context, name: string, words: string[], options: PollOptions): Promise<void> {
  const { from, maxEvents, maxAge, wait, json } = options;
  const selection = { name, arguments: parseEventArguments(words) };
  const limits = {
    ...(maxEvents !== undefined && { maxEvents }),
    ...(maxAge !== undefined && { maxAgeMs: maxAge }),
    ...(wait > 0 && { timeoutMs: wait }),
  };
  const { out, styles, signal } = context;
  await withServer(context, options, async (server) => {
    const { connection } = server;
    await requireEvents(connection);
    const cursor = (await startingCursor(server, selection, from, signal)) ?? null;
    const params = { ...selection, cursor, ...limits };
    const page = await connection.request(METHODS.poll, params, { signal, timeoutMs: wait + ANSWER_MS });
    await out.line(json ? pageJson(page) : pageText(page, styles));
  });
}
