import { type Command, Option } from "commander";
import { SDK_LINES } from "../connect/sdk-client";
import type { ConnectOptions } from "../connect/server";
import { milliseconds } from "./numbers";
import { BEARER_VARIABLE } from "./target";

/** Options of every command that speaks to a server. */
export interface CommonOptions extends ConnectOptions {
  readonly verbose?: true | undefined;
}

const collect = (value: string, before: readonly string[] = []) => [...before, value];

/** Adds the options that say which server is meant. */
export function withServerOptions(command: Command): Command {
  return command
    .option("--url <url>", "server over Streamable HTTP; for stdio give -- and its command at the end")
    .addOption(
      new Option("--header <header>", "'Name: value' to send along; may be repeated").argParser(collect),
    )
    .option(
      "--bearer <token>",
      `bearer token; better in ${BEARER_VARIABLE}, where other users cannot see it`,
    );
}

/** As {@link withServerOptions}, with how an SDK connects to it. */
export function withTarget(command: Command): Command {
  return withServerOptions(command)
    .addOption(new Option("--sdk <line>", "MCP SDK to speak with").choices(SDK_LINES).default("v2"))
    .addOption(
      new Option("--connect-timeout <ms>", "longest wait for the connection")
        .argParser(milliseconds(1))
        .default(15_000),
    )
    .option("--verbose", "say on stderr what the client does");
}
