import { type Command, Option } from "commander";
import type { Context } from "../context";
import { usageError } from "../failures/cli-error";
import { withTarget } from "../options/common";
import { parseEventArguments } from "../options/event-arguments";
import { parseListen } from "../options/listen";
import { milliseconds, wholeNumber } from "../options/numbers";
import { parseCallback } from "../webhook/callback-url";
import { dryRun } from "../webhook/dry-run";
import type { ReceiveOptions } from "../webhook/receive-events";
import { SECRET_VARIABLE, subscribeOnce } from "../webhook/subscribe-once";
import type { WebhookRequest } from "../webhook/webhook-request";

interface SubscribeOptions extends ReceiveOptions {
  readonly listen?: string | undefined;
  readonly callback?: string | undefined;
  readonly dryRun?: true | undefined;
}

/** `subscribe`: events by webhook. */
export function subscribeCommand(program: Command, context: Context): void {
  withTarget(program.command("subscribe"))
    .description(
      "have events posted: to a receiver that runs here (--listen), or to an endpoint elsewhere (--callback)",
    )
    .argument("<name>", "event type")
    .argument("[arguments...]", "its arguments: key=text, key:=json, or one JSON object")
    .option("--listen <address>", "PORT or HOST:PORT; run a receiver there and write what it is sent")
    .option("--callback <url>", "where the server posts to; with --listen the public base of the receiver")
    .option("--dry-run", "say what would be done, and what would keep it from working; nothing is subscribed")
    .option("--json", "one JSON object a line")
    .option("--from <where>", "now, oldest (what the server still has), or a cursor", "now")
    .addOption(new Option("--ttl <ms>", "lifetime to ask for").argParser(milliseconds(1)))
    .option("--position <file>", "with --listen: keep the position in this file, and go on from it")
    .option("--id <id>", "with --listen: name of the position and of the callback")
    .addOption(new Option("--count <n>", "with --listen: end after so many events").argParser(wholeNumber(1)))
    .addHelpText(
      "after",
      `
With --listen the subscription is refreshed while the command runs, and ended when it ends. With --callback alone it is
made once, for an endpoint that runs elsewhere; the signing secret is read from ${SECRET_VARIABLE}, or made and shown.

Examples:
  mcp-events subscribe note.created --listen 8080 --callback https://me.example/hooks/ --url https://server.example/mcp
  mcp-events subscribe note.created --callback https://me.example/hook --dry-run --url https://server.example/mcp`,
    )
    .action(async (name: string, words: string[], options: SubscribeOptions) => {
      const request = requestOf(name, words, options);
      if (options.dryRun) return dryRun(context, request, options);
      const { listen } = request;
      if (listen === undefined) return subscribeOnce(context, request, options);
      // Loaded when it is needed: it takes longer than all the rest.
      const { receiveEvents } = await import("../webhook/receive-events");
      return receiveEvents(context, { ...request, listen }, options);
    });
}

function requestOf(name: string, words: readonly string[], options: SubscribeOptions): WebhookRequest {
  const { listen, callback, position, id, count } = options;
  if (listen === undefined && callback === undefined) {
    throw usageError(
      "where to are events to be posted?",
      "Give --listen PORT to receive them here, or --callback URL for an endpoint that runs elsewhere.",
    );
  }
  const receiving = { "--position": position, "--id": id, "--count": count };
  const [stray] = Object.entries(receiving).find(([, value]) => value !== undefined) ?? [];
  if (listen === undefined && stray !== undefined)
    throw usageError(`${stray} is for receivers that run here: --listen`);
  return {
    name,
    arguments: parseEventArguments(words),
    listen: listen === undefined ? undefined : parseListen(listen),
    callback: callback === undefined ? undefined : parseCallback(callback),
  };
}
