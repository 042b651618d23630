import { type ChildProcess, type SpawnOptions, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { onTestFinished } from "vitest";

const ROOT = join(import.meta.dirname, "..", "..", "..", "..");
const CLI = join(ROOT, "packages/cli/dist/main.js");

/** The built fixture server, to be started by the command itself: `-- node …`. */
export const EVERYTHING = join(ROOT, "apps/everything/dist/main.js");

/** How a process ended. */
export interface Ended {
  readonly code: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A process, for the length of the test. */
export interface Run {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  /** The next complete line of stdout; `undefined` when there are no more. */
  line(): Promise<string | undefined>;
  /** The next `count` lines, fewer when it ends before. */
  lines(count: number): Promise<string[]>;
  /** Resolves when stderr holds the text. */
  said(text: string): Promise<void>;
}

function start(main: string, argv: readonly string[], options: SpawnOptions = {}): Run {
  if (!existsSync(main)) throw new Error(`${main} is missing: build first`);
  const child = spawn(process.execPath, [main, ...argv], { ...options, stdio: "pipe" });
  onTestFinished(() => void child.kill("SIGKILL"));
  let stdout = "";
  let stderr = "";
  const heard = new Set<() => void>();
  child.stdout!.on("data", (chunk) => {
    stdout += chunk;
  });
  child.stderr!.on("data", (chunk) => {
    stderr += chunk;
    for (const check of heard) check();
  });
  const ended = new Promise<Ended>((resolve) => {
    child.once("close", (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
  const reader = createInterface({ input: child.stdout! })[Symbol.asyncIterator]();
  const line = async () => (await reader.next()).value as string | undefined;
  return {
    child,
    ended,
    line,
    async lines(count) {
      const lines: string[] = [];
      for (let text = await line(); text !== undefined; text = await line()) {
        lines.push(text);
        if (lines.length === count) break;
      }
      return lines;
    },
    said: (text) =>
      new Promise((resolve) => {
        const check = () => stderr.includes(text) && resolve();
        heard.add(check);
        check();
      }),
  };
}

/** Runs the built `mcp-events`, without the environment's own tokens and colours. */
export function cli(
  argv: readonly string[],
  env: Record<string, string> = {},
  options: SpawnOptions = {},
): Run {
  const { PATH = "", HOME = "" } = process.env;
  return start(CLI, argv, { ...options, env: { PATH, HOME, ...env } });
}

/** Starts the built fixture server over HTTP; resolves with its URL. */
export async function everything(...argv: string[]): Promise<string> {
  const { line } = start(EVERYTHING, ["--http", "0", ...argv]);
  return JSON.parse((await line()) ?? "").url;
}

/** Calls a tool of the fixture server. */
export async function callTool(url: string, name: string, args: object): Promise<void> {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", accept: "application/json, text/event-stream" },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/call", params: { name, arguments: args } }),
  });
  const text = await response.text();
  if (!response.ok || text.includes('"isError":true') || !text.includes('"structuredContent"')) {
    throw new Error(`${name}: ${response.status} ${text}`);
  }
}

/** Emits notes of an author; `n` counts from 1 in each call. */
export function emitNotes(url: string, author: string, count: number): Promise<void> {
  return callTool(url, "emit", { name: "note.created", data: { id: "a", author, text: "hello" }, count });
}
