import { merge, type SubscribeOptions, type Subscription } from "@mcp-events/client";
import { type Command, Option } from "commander";
import { withServer } from "../connect/server";
import type { Context } from "../context";
import { open, withEvents } from "../events";
import { usageError } from "../failures/cli-error";
import { type FollowOptions, follow } from "../follow";
import { jsonItem, readableItem } from "../format/item";
import { type CommonOptions, withTarget } from "../options/common";
import { parseEventArguments, parseSelection, type Selection } from "../options/event-arguments";
import { milliseconds, wholeNumber } from "../options/numbers";
import { startingCursor } from "../starting-point";

interface TailOptions extends CommonOptions {
  readonly json?: true | undefined;
  readonly delivery?: "push" | "poll" | undefined;
  readonly from: string;
  readonly maxAge?: number | undefined;
  readonly merge?: readonly string[] | undefined;
  readonly position?: string | undefined;
  readonly id?: string | undefined;
  readonly count?: number | undefined;
  readonly stopOnGap?: true | undefined;
  readonly pollEvery?: number | undefined;
}

/** `tail`: events as they come. */
export function tailCommand(program: Command, context: Context): void {
  withTarget(program.command("tail"))
    .description("write events as they come, in order, once, with gaps in line")
    .argument("[name]", "event type")
    .argument("[arguments...]", "its arguments: key=text, key:=json, or one JSON object")
    .option("--json", "one JSON object a line")
    .addOption(
      new Option("--delivery <mode>", "use this mode only; default: push, where it fails poll").choices([
        "push",
        "poll",
      ]),
    )
    .option("--from <where>", "now, oldest (what the server still has), or a cursor", "now")
    .addOption(new Option("--max-age <ms>", "go back no further than this").argParser(milliseconds(0)))
    .option("--merge <types...>", "more types, each as NAME or 'NAME ARGUMENTS', in one line in log order")
    .option("--position <file>", "keep the position in this file, and go on from it")
    .option("--id <id>", "name of the position, for several with the same type and arguments")
    .addOption(new Option("--count <n>", "end after so many events").argParser(wholeNumber(1)))
    .option("--stop-on-gap", "end with exit code 4 when events are missing")
    .addOption(new Option("--poll-every <ms>", "shortest wait between two polls").argParser(milliseconds(1)))
    .addHelpText(
      "after",
      `
Examples:
  mcp-events tail note.created author=ann --url http://127.0.0.1:8931/mcp
  mcp-events tail note.created --json --position notes.json --url http://127.0.0.1:8931/mcp >> notes.jsonl
  mcp-events tail note.created --merge file.changed 'ticker.tick intervalMs:=5000' -- node server.js

With --position every line is stored as done once it was written. Killed between the two, that one line comes again;
its eventId and position tell.`,
    )
    .action((name: string | undefined, words: string[], options: TailOptions) =>
      tail(context, selections(name, words, options.merge ?? []), options),
    );
}

function selections(
  name: string | undefined,
  words: readonly string[],
  others: readonly string[],
): Selection[] {
  const first = name === undefined ? [] : [{ name, arguments: parseEventArguments(words) }];
  const all = [...first, ...others.map(parseSelection)];
  if (all.length > 0) return all;
  throw usageError("no event type is named", "`mcp-events list` shows what a server offers.");
}

async function tail(context: Context, types: readonly Selection[], options: TailOptions): Promise<void> {
  const { json, position, verbose, pollEvery, count } = options;
  const { signal } = context;
  const subscribing = subscribeOptions(options);
  const following: FollowOptions = { format: json ? jsonItem : readableItem(context.styles), count };
  await withServer(context, options, (server) =>
    withEvents(context, server, { position, verbose, pollEvery }, async (events) => {
      const subscriptions: Subscription[] = [];
      for (const one of types) {
        const cursor = await startingCursor(server, one, options.from, signal);
        subscriptions.push(await open(events, one, { ...subscribing, cursor }, signal));
      }
      const [only, ...others] = subscriptions;
      await follow(
        context,
        only !== undefined && others.length === 0 ? only : merge(subscriptions),
        following,
      );
    }),
  );
}

function subscribeOptions({ delivery, maxAge, id, stopOnGap }: TailOptions): SubscribeOptions {
  return {
    delivery: delivery ?? ["push", "poll"],
    maxAgeMs: maxAge,
    id,
    onGap: stopOnGap ? "stop" : "report",
  };
}
