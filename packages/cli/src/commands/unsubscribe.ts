import { METHODS, WireError } from "@mcp-events/protocol";
import type { Command } from "commander";
import { withServer } from "../connect/server";
import type { Context } from "../context";
import { EXIT_CODES } from "../exit-codes";
import { CliError } from "../failures/cli-error";
import { type CommonOptions, withTarget } from "../options/common";
import { parseEventArguments } from "../options/event-arguments";
import { requireEvents } from "../require-events";
import { parseCallback } from "../webhook/callback-url";

interface UnsubscribeOptions extends CommonOptions {
  readonly callback: string;
}

/** Time the server may take, in milliseconds. */
const ANSWER_MS = 15_000;

/** `unsubscribe`: the end of a webhook subscription. */
export function unsubscribeCommand(program: Command, context: Context): void {
  withTarget(program.command("unsubscribe"))
    .description("end a webhook subscription, such as one whose receiver was killed")
    .argument("<name>", "event type")
    .argument("[arguments...]", "the arguments it was subscribed with")
    .requiredOption("--callback <url>", "the whole URL it posts to")
    .addHelpText(
      "after",
      `
Example:
  mcp-events unsubscribe note.created author=ann --callback https://me.example/hook --url https://server.example/mcp`,
    )
    .action((name: string, words: string[], options: UnsubscribeOptions) =>
      unsubscribe(context, name, words, options),
    );
}

async function unsubscribe(
  context: Context,
  name: string,
  words: readonly string[],
  options: UnsubscribeOptions,
): Promise<void> {
  const params = {
    name,
    arguments: parseEventArguments(words),
    delivery: { url: parseCallback(options.callback) },
  };
  await withServer(context, options, async ({ connection }) => {
    await requireEvents(connection);
    const { signal } = context;
    await connection.request(METHODS.unsubscribe, params, { signal, timeoutMs: ANSWER_MS }).catch(explain);
    context.out.note(`Ended: nothing more is posted to ${params.delivery.url} for ${name}.`);
  });
}

function explain(error: unknown): never {
  if (!(WireError.is(error) && error.error === "NotFound" && error.data?.kind === "subscription"))
    throw error;
  throw new CliError(
    EXIT_CODES.failed,
    "there is no such subscription",
    "Callback, arguments and credentials have to be those it was subscribed with; it may have expired.",
    { cause: error },
  );
}
