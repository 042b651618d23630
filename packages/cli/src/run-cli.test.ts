import { execFileSync } from "node:child_process";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { PassThrough, Writable } from "node:stream";
import { text } from "node:stream/consumers";
import { describe, expect, it } from "vitest";
import { EXIT_CODES } from "./exit-codes";
import { runCli } from "./run-cli";

async function run(
  argv: readonly string[],
  options: { env?: Record<string, string>; signal?: AbortSignal } = {},
) {
  const stdout = new PassThrough();
  const stderr = new PassThrough();
  const code = await runCli(argv, { env: {}, ...options, stdout, stderr });
  stdout.end();
  stderr.end();
  return { code, stdout: await text(stdout), stderr: await text(stderr) };
}

const COMMANDS = ["list", "tail", "poll", "subscribe", "unsubscribe", "doctor", "conformance", "completion"];

describe("help", () => {
  it("goes to stdout, names every command and every exit code, and is exit code 0", async () => {
    const { code, stdout, stderr } = await run(["--help"]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    for (const command of COMMANDS) expect(stdout).toMatch(new RegExp(`^ {2}${command} `, "m"));
    for (const exitCode of Object.values(EXIT_CODES))
      expect(stdout).toMatch(new RegExp(`^ {2}${exitCode} {2}\\w`, "m"));
  });

  it.each(COMMANDS)("of %s has examples", async (command) => {
    const { code, stdout } = await run([command, "--help"]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/Examples?:\n.*mcp-events/);
  });

  it("--version is the package's", async () => {
    expect(await run(["--version"])).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/),
    });
  });
});

describe("a command line that cannot be followed is exit code 2, on stderr alone", () => {
  it.each([
    [[], "Usage: mcp-events"],
    [["tial"], "Did you mean tail?"],
    [["list", "--no-such"], "unknown option '--no-such'"],
    [["list"], "no server is named"],
    [["list", "--url", "x"], "--url takes an http or https URL"],
    [["list", "--url", "http://a/", "--", "node"], "exclude each other"],
    [["list", "--url", "http://a/", "--sdk", "v3"], "Allowed choices are v1, v2"],
    [["list", "a", "b", "--url", "http://a/"], "too many arguments"],
    [["tail", "--url", "http://a/"], "no event type is named"],
    [["tail", "n", "x", "--url", "http://a/"], 'the argument "x" cannot be read'],
    [["tail", "n", "--count", "0", "--url", "http://a/"], "A whole number from 1 on is wanted"],
    [["tail", "n", "--delivery", "webhook", "--url", "http://a/"], "Allowed choices are push, poll"],
    [["poll", "--url", "http://a/"], "missing required argument 'name'"],
    [["subscribe", "n", "--url", "http://a/"], "where to are events to be posted?"],
    [["subscribe", "n", "--listen", "x", "--url", "http://a/"], "--listen takes PORT or HOST:PORT"],
    [
      ["subscribe", "n", "--callback", "https://a/", "--count", "1", "--url", "http://a/"],
      "--count is for receivers",
    ],
    [["unsubscribe", "n", "--url", "http://a/"], "required option '--callback <url>' not specified"],
    [["completion", "tcsh"], "Allowed choices are bash, zsh, fish"],
  ])("%j", async (argv, message) => {
    const { code, stdout, stderr } = await run(argv);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain(message);
  });
});

describe("the end", () => {
  it("told to end before it is connected, it ends with exit code 0 and without a word", async () => {
    const ending = new AbortController();
    const server = createServer(() => ending.abort()); // asked, and never answers
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    const result = await run(["list", "--url", `http://127.0.0.1:${port}/mcp`], { signal: ending.signal });
    server.close();
    server.closeAllConnections();
    expect(result).toEqual({ code: 0, stdout: "", stderr: "" });
  });
});

describe("a stdout that takes nothing", () => {
  const completing = async (code: string) => {
    const full = Object.assign(new Error("no space left on device"), { code });
    const stdout = new Writable({ write: (_chunk, _encoding, done) => done(full) });
    const stderr = new PassThrough();
    const exitCode = await runCli(["completion", "bash"], { env: {}, stdout, stderr });
    stderr.end();
    return { exitCode, stderr: await text(stderr) };
  };

  it("because a disk is full is a failure", async () => {
    const told = "mcp-events: no space left on device\n";
    expect(await completing("ENOSPC")).toEqual({ exitCode: 1, stderr: told });
  });

  it("because its reader has gone is none", async () => {
    expect(await completing("EPIPE")).toEqual({ exitCode: 0, stderr: "" });
  });
});

describe("completion", () => {
  it.each(["bash", "zsh", "fish"])("of %s knows every command and option", async (shell) => {
    const { code, stdout } = await run(["completion", shell]);
    expect(code).toBe(0);
    for (const word of [...COMMANDS, "stop-on-gap", "connect-timeout", "dry-run"])
      expect(stdout).toContain(word);
  });

  const complete = async (...words: string[]) => {
    const { stdout: script } = await run(["completion", "bash"]);
    const call = `\nCOMP_WORDS=("$@"); COMP_CWORD=$(($#-1)); _mcp_events; echo "\${COMPREPLY[*]}"`;
    return execFileSync("bash", ["-c", script + call, "bash", "mcp-events", ...words], {
      encoding: "utf8",
    }).trim();
  };

  it("in bash completes commands, options, and the words an option takes; not what is the server's", async () => {
    expect(await complete("un")).toBe("unsubscribe");
    expect(await complete("tail", "n", "--de")).toBe("--delivery");
    expect(await complete("tail", "n", "--delivery", "p")).toBe("push poll");
    expect(await complete("tail", "n", "--position", "a")).toBe("");
    expect(await complete("completion", "z")).toBe("zsh");
    expect(await complete("list", "--", "--u")).toBe("");
  });
});
