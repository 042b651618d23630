import { spawn } from "node:child_process";
import { once } from "node:events";
import { Violation } from "../../kit/check";
import { show, type Wire } from "../../kit/expect";
import type { ServerTarget, Style } from "../target";
import type { Connection } from "./connection";
import { HttpConnection } from "./http-connection";
import { type Pipes, StdioConnection } from "./stdio-connection";

/** How to connect. */
export interface ConnectOptions {
  /** `auto` asks by `server/discover` first and falls back to `initialize`. */
  readonly style: Style | "auto";
  /** Longest wait for an answer, in milliseconds. */
  readonly patienceMs: number;
}

/** Time a process has to end after its input was closed, in milliseconds. */
const END_MS = 2_000;

/**
 * Connects to the server under test.
 *
 * @throws Error when it answers to neither style, or cannot be reached.
 */
export async function connect(target: ServerTarget, options: ConnectOptions): Promise<Connection> {
  const styles: readonly Style[] = options.style === "auto" ? ["modern", "session"] : [options.style];
  return "url" in target
    ? connectHttp(target, styles, options)
    : connectStdio(pipesOf(target), styles, options);
}

async function connectHttp(
  { url, headers = {} }: { url: string; headers?: Readonly<Record<string, string>> | undefined },
  styles: readonly Style[],
  { patienceMs }: ConnectOptions,
): Promise<Connection> {
  let answer: Wire;
  for (const style of styles) {
    const connection = new HttpConnection(style, { url, headers, patienceMs });
    answer = await connection.open().catch(async (error: Error) => {
      await connection.close().catch(() => {});
      throw new Violation(`no connection to ${url}: ${reasonOf(error)}`);
    });
    if (connection.opened !== undefined) return connection;
  }
  throw new Violation(`no connection to ${url}: ${show(answer)}`);
}

async function connectStdio(
  pipes: Pipes,
  styles: readonly Style[],
  options: ConnectOptions,
): Promise<Connection> {
  const connection = new StdioConnection(pipes, options.patienceMs);
  let reason = "";
  for (const style of styles) {
    // An older server may say nothing before it is initialized.
    const answer = await connection.open(style).catch((error: Error) => error);
    if (connection.opened !== undefined) return connection;
    reason = answer instanceof Error ? answer.message : show(answer);
  }
  await connection.close();
  throw new Violation(`no connection on stdio: ${reason}`);
}

/** `fetch` hides why it failed in the cause. */
function reasonOf({ message, cause }: Error): string {
  return cause instanceof Error ? `${message}: ${cause.message}` : message;
}

function pipesOf(target: Exclude<ServerTarget, { url: string }>): Pipes {
  if ("input" in target) return { ...target, close: async () => {} };
  const child = spawn(target.command, [...(target.args ?? [])], {
    stdio: ["pipe", "pipe", "inherit"],
    env: { ...process.env, ...target.env },
  });
  const gone = once(child, "close").catch(() => {});
  child.once("error", (error) => child.stdout.destroy(error));
  return {
    input: child.stdout,
    output: child.stdin,
    async close() {
      const timer = setTimeout(() => child.kill("SIGKILL"), END_MS);
      await gone;
      clearTimeout(timer);
    },
  };
}
