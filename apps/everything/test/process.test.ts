import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { describe, expect, it, onTestFinished } from "vitest";
import { connect } from "./support/app";
import { callTool, result } from "./support/json-rpc";
import { stdioPeer } from "./support/stdio-peer";

const MAIN = join(import.meta.dirname, "..", "dist", "main.js");

interface Run {
  readonly child: ChildProcess;
  readonly exit: Promise<{ code: number | null; signal: string | null; stdout: string; stderr: string }>;
}

function run(...argv: string[]): Run {
  if (!existsSync(MAIN)) throw new Error(`${MAIN} is missing: build the app first`);
  const child = spawn(process.execPath, [MAIN, ...argv], { stdio: "pipe" });
  onTestFinished(() => void child.kill("SIGKILL"));
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (chunk) => {
    stdout += chunk;
  });
  child.stderr.on("data", (chunk) => {
    stderr += chunk;
  });
  const exit = new Promise<Awaited<Run["exit"]>>((resolve) => {
    child.once("close", (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
  return { child, exit };
}

async function firstLine(child: ChildProcess): Promise<string> {
  for await (const line of createInterface({ input: child.stdout! })) return line;
  throw new Error("the process wrote nothing");
}

describe.each(["v1", "v2"] as const)("the built program, sdk %s", (sdk) => {
  it.each(["SIGTERM", "SIGINT"] as const)(
    "over HTTP prints one line, serves, and on %s ends its streams and exits 0",
    async (signal) => {
      const { child, exit } = run("--http", "0", "--sdk", sdk);
      const line = JSON.parse(await firstLine(child));
      expect(line.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/mcp$/);
      const peer = await connect(line.url, { dialect: "stateless" });
      const stream = await peer.stream({ name: "note.created" });
      await stream.next("active");
      child.kill(signal);
      expect(await stream.response).toMatchObject({ id: stream.id, result: {} });
      const { code, stdout, stderr } = await exit;
      expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
      expect(stdout.trim().split("\n")).toHaveLength(1);
    },
  );

  it("on stdio knows its principal, writes nothing but messages, and ends with its input", async () => {
    const { child, exit } = run("--stdio", "--sdk", sdk, "--principal", "alice");
    const peer = await stdioPeer({ input: child.stdout!, output: child.stdin! }, "session");
    const stream = await peer.stream({ name: "secret.created" });
    await stream.next("active");
    await callTool(peer, "emit", { name: "secret.created", data: { code: 7 } });
    expect((await stream.events(1))[0].data).toEqual({ code: 7 });
    await result(peer, "events/poll", { name: "ticker.tick" });
    await peer.close();
    const { code, stdout, stderr } = await exit;
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const messages = stdout
      .split("\n")
      .slice(0, -1)
      .map((text) => JSON.parse(text));
    expect(messages[0]).toMatchObject({ jsonrpc: "2.0", id: 0, result: { serverInfo: expect.any(Object) } });
  });

  it("PUSH-7: on stdio SIGTERM ends its streams with a final result, and it exits 0", async () => {
    const { child, exit } = run("--stdio", "--sdk", sdk);
    const peer = await stdioPeer({ input: child.stdout!, output: child.stdin! }, "session");
    const stream = await peer.stream({ name: "note.created" });
    await stream.next("active");
    child.kill("SIGTERM");
    expect(await stream.response).toMatchObject({ id: stream.id, result: { _meta: expect.any(Object) } });
    expect(await exit).toMatchObject({ code: 0, stderr: "" });
  });
});

describe("the built program", () => {
  it("tells how it is used, and its version", async () => {
    const help = await run("--help").exit;
    expect(help.code).toBe(0);
    expect(help.stdout).toContain("--retention-events N");
    expect(await run("--version").exit).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/),
    });
  });

  it("refuses a command line it cannot follow with exit code 2, on stderr alone", async () => {
    const { code, stdout, stderr } = await run("--http", "0", "--sdk", "v3").exit;
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(/--sdk takes v1 or v2, not "v3"/);
  });
});
