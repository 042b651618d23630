import { type ChildProcessWithoutNullStreams, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { DemoResult } from "../src/result/demo-result";

const MAIN = join(import.meta.dirname, "../dist/main.js");

/** The run's files, and so the arguments of every process it starts, lie below it. */
let directory: string;
let demo: ChildProcessWithoutNullStreams | undefined;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "mcp-events-demo-test-"));
});

afterEach(() => {
  demo?.kill("SIGKILL");
  rmSync(directory, { recursive: true, force: true });
});

interface Run {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the demo as it was built; `meanwhile` sees what it writes to stderr. */
async function run(args: readonly string[], meanwhile: (stderr: string) => void = () => {}): Promise<Run> {
  if (!existsSync(MAIN)) throw new Error(`${MAIN} is not there: build first (pnpm build)`);
  demo = spawn(process.execPath, [MAIN, ...args], { env: { ...process.env, TMPDIR: directory } });
  let stdout = "";
  let stderr = "";
  demo.stdout.on("data", (chunk) => {
    stdout += chunk;
  });
  demo.stderr.on("data", (chunk) => {
    stderr += chunk;
    meanwhile(stderr);
  });
  const [code] = await once(demo, "close");
  return { code, stdout, stderr };
}

/** Processes that work in the run's directory. */
function processesLeft(): string[] {
  const processes = execFileSync("ps", ["-eo", "pid,args"], { encoding: "utf8" });
  return processes.split("\n").filter((line) => line.includes(directory));
}

describe("the demo", () => {
  it("gives every path the emitter's sequence, through faults and kills (ORD-1, ORD-2, ORD-3, ORD-4, ORD-5)", async () => {
    const { code, stdout, stderr } = await run(["--events", "150", "--seed", "3", "--json"]);
    const result: DemoResult = JSON.parse(stdout);
    expect(result.problems).toEqual([]);
    expect(result.paths.flatMap((path) => path.differences)).toEqual([]);
    expect(result.paths.map(({ path, sdk }) => `${path} ${sdk}`)).toEqual([
      "stdio push v1",
      "HTTP push v1",
      "HTTP poll v2",
      "HTTP push (killed) v2",
      "webhook (FIFO) v1",
      "webhook (window) v2",
    ]);
    for (const path of result.paths) {
      expect(path).toMatchObject({
        received: result.expected,
        outOfOrder: 0,
        duplicated: 0,
        lost: 0,
        gaps: 0,
      });
    }
    expect(result).toMatchObject({ ok: true, emitted: 150, deliveries: { posted: 150, accepted: 150 } });
    expect(result.expected).toBeGreaterThan(10);
    const { http, stdio, kills } = result.injected;
    expect(http.cut + http.stall + http.delay + http.hang + http.outage).toBeGreaterThan(0);
    expect(stdio.split).toBeGreaterThan(0);
    expect(kills).toBe(3);
    expect(stderr).toContain("posted");
    expect(code).toBe(0);
    expect(processesLeft()).toEqual([]);
    expect(readdirSync(directory)).toEqual([]);
  }, 60_000);

  it("leaves no process and no file behind when it is interrupted", async () => {
    const { code, stdout, stderr } = await run(["--events", "5000", "--json"], (written) => {
      if (written.includes("posting")) demo?.kill("SIGINT"); // again and again, as impatient people do
    });
    expect(stderr).toContain("interrupted");
    expect(stdout).toBe("");
    expect(code).toBe(130);
    expect(processesLeft()).toEqual([]);
    expect(readdirSync(directory)).toEqual([]);
  }, 60_000);

  it("explains itself", async () => {
    const { code, stdout } = await run(["--help"]);
    expect(stdout).toContain("--faults");
    expect(code).toBe(0);
  });

  it("refuses a flag it does not know", async () => {
    const { code, stderr } = await run(["--fast"]);
    expect(stderr).toContain("--fast");
    expect(code).toBe(2);
  });
});
