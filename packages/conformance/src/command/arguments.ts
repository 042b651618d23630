import type { CheckClientOptions } from "../client/options";
import type { CheckReceiverOptions } from "../receiver/options";
import type { CheckServerOptions } from "../server/options";
import type { ServerTarget } from "../server/target";
import { type Kind, readFlags, type Values } from "./flags";
import { count, headersOf, jsonObject, oneOf, strings, text, UsageError, url } from "./values";

/** Where the report goes. */
export interface Output {
  /** Print JSON in place of the table. */
  readonly json: boolean;
  /** A file that gets JUnit XML. */
  readonly junit: string | undefined;
}

/** What the command line asks for. */
export type Command =
  | { readonly kind: "help" }
  | { readonly kind: "list"; readonly of: Kind }
  | {
      readonly kind: "server";
      readonly target: ServerTarget;
      readonly options: CheckServerOptions;
      readonly output: Output;
    }
  | {
      readonly kind: "client";
      readonly program: readonly [string, ...string[]];
      readonly options: CheckClientOptions;
      readonly output: Output;
    }
  | {
      readonly kind: "receiver";
      readonly url: string;
      readonly options: CheckReceiverOptions;
      readonly output: Output;
    };

const KINDS: readonly Kind[] = ["server", "client", "receiver"];

/**
 * Reads the command line; what is checked comes first, `server` when it is left out.
 *
 * @throws UsageError naming what is wrong.
 */
export function parseCommand(argv: readonly string[]): Command {
  const named = KINDS.find((candidate) => candidate === argv[0]);
  const kind = named ?? "server";
  const rest = named === undefined ? argv : argv.slice(1);
  const split = rest.indexOf("--");
  const values = readFlags(kind, split < 0 ? rest : rest.slice(0, split));
  if (values.help === true) return { kind: "help" };
  if (values.list === true) return { kind: "list", of: kind };
  const program = split < 0 ? [] : rest.slice(split + 1);
  const output = { json: values.json === true, junit: text(values.junit) };
  if (kind === "client") return { kind, program: programOf(program), options: clientOptions(values), output };
  if (kind === "server") {
    return { kind, target: targetOf(values, program), options: serverOptions(values), output };
  }
  return { kind, url: url("url", values.url), options: receiverOptions(values), output };
}

function programOf([command, ...args]: readonly string[]): readonly [string, ...string[]] {
  if (command === undefined) throw new UsageError("say which client: -- COMMAND ARGUMENTS…");
  return [command, ...args];
}

function targetOf(values: Values, [command, ...args]: readonly string[]): ServerTarget {
  if ((values.url === undefined) === (command === undefined)) {
    throw new UsageError("say which server: either --url URL or -- COMMAND ARGUMENTS…");
  }
  if (command !== undefined) return { command, args };
  return { url: url("url", values.url), headers: headersOf("header", values.header) };
}

function serverOptions(values: Values): CheckServerOptions {
  const tool = text(values.trigger);
  const args = jsonObject("trigger-arguments", values["trigger-arguments"]) ?? {};
  const other = headersOf("other-header", values["other-header"]);
  return {
    ...common(values),
    style: oneOf("style", values.style, ["auto", "modern", "session"]),
    profile: oneOf("profile", values.profile, ["sep-3415", "sketch"]),
    type: text(values.type),
    arguments: jsonObject("arguments", values.arguments),
    trigger: tool === undefined ? undefined : { tool, arguments: args },
    controls: values.controls === true,
    allowlisted: values.allowlisted === true,
    principal: text(values.principal),
    otherHeaders: Object.keys(other).length === 0 ? undefined : other,
    callback: callbackOf(values),
    heartbeatMs: count("heartbeat-ms", values["heartbeat-ms"]),
    retryMs: count("retry-ms", values["retry-ms"]),
    quietMs: count("quiet-ms", values["quiet-ms"]),
  };
}

function callbackOf(values: Values): CheckServerOptions["callback"] {
  const port = count("callback-port", values["callback-port"]);
  if ((values.callback === undefined) !== (port === undefined)) {
    throw new UsageError(
      "--callback and --callback-port go together: the public URL, and the port it leads to",
    );
  }
  return port === undefined ? undefined : { url: url("callback", values.callback), port };
}

function clientOptions(values: Values): CheckClientOptions {
  return {
    ...common(values),
    heartbeatMs: count("heartbeat-ms", values["heartbeat-ms"]),
    quietMs: count("quiet-ms", values["quiet-ms"]),
    nextPollMs: count("next-poll-ms", values["next-poll-ms"]),
  };
}

function receiverOptions(values: Values): CheckReceiverOptions {
  const secret = text(values.secret);
  if (secret === undefined) throw new UsageError("--secret takes the secret that the receiver verifies with");
  return {
    ...common(values),
    secret,
    subscriptionId: text(values["subscription-id"]),
    type: text(values.type),
    observed: values.observed === undefined ? undefined : url("observed", values.observed),
    resequences: values.resequences === true,
  };
}

function common(values: Values) {
  return { only: strings(values.only), patienceMs: count("patience-ms", values["patience-ms"]) };
}
