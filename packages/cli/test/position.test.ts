import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { cli, emitNotes, everything, type Run } from "./support/processes";

// Each test starts two or more processes, on a machine that may be busy.
vi.setConfig({ testTimeout: 60_000 });

async function positionFile(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), "mcp-events-cli-"));
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  return join(dir, "positions.json");
}

const tail = (url: string, file: string, ...more: string[]): Run =>
  cli(["tail", "note.created", "--json", "--position", file, "--url", url, ...more]);

const seqsIn = (lines: readonly string[]) => lines.map((line) => JSON.parse(line).position.seq as number);
const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index);

/** Resolves when the file says that everything up to a number is done with. */
async function stored(file: string, seq: number): Promise<void> {
  for (;;) {
    const text = await readFile(file, "utf8").catch(() => "{}");
    const [position] = Object.values(JSON.parse(text).positions ?? {}) as { state: { through: number } }[];
    if (position?.state.through === seq) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function kill(run: Run): Promise<string[]> {
  run.child.kill("SIGKILL");
  const { signal, stdout } = await run.ended;
  expect(signal).toBe("SIGKILL");
  // A line without its end was not written.
  return stdout.split("\n").slice(0, -1);
}

describe.each(["push", "poll"] as const)("a position file, by %s", (mode) => {
  const delivery = ["--delivery", mode, "--poll-every", "20"];

  it("ORD-7 ORD-9: killed in quiet (SIGKILL), the next run writes exactly what came meanwhile", async () => {
    const [url, file] = [await everything(), await positionFile()];
    await emitNotes(url, "ann", 10);
    const first = tail(url, file, "--from", "oldest", ...delivery);
    expect(seqsIn(await first.lines(10))).toEqual(range(1, 10));
    await stored(file, 10);
    await kill(first);
    await emitNotes(url, "ann", 10);
    const second = await tail(url, file, "--count", "10", ...delivery).ended;
    expect(second).toMatchObject({ code: 0, stderr: "" });
    expect(seqsIn(second.stdout.trimEnd().split("\n"))).toEqual(range(11, 20));
  });
});

it("ORD-2 ORD-9: killed again and again in mid-flight, nothing is lost, and at most the line being written repeats", async () => {
  const [url, file] = [await everything(), await positionFile()];
  const total = 300;
  await emitNotes(url, "ann", total);
  const seen: number[] = [];
  for (let round = 0; (seen.at(-1) ?? 0) < total; round += 1) {
    const run = tail(url, file, "--from", "oldest");
    // It is killed while the next lines are under way; its first may be one that was seen.
    const goal = Math.min((seen.at(-1) ?? 0) + 40 + 17 * round, total);
    for (let seq = 0; seq < goal; ) [seq = total] = seqsIn(await run.lines(1));
    const seqs = seqsIn(await kill(run));
    if (seqs[0] === seen.at(-1)) seqs.shift();
    seen.push(...seqs);
  }
  expect(seen).toEqual(range(1, total));
});

it("ORD-7: ended by SIGINT nothing repeats, and another mode goes on from there (ORD-4)", async () => {
  const [url, file] = [await everything(), await positionFile()];
  await emitNotes(url, "ann", 300);
  const seen: number[] = [];
  for (const mode of ["push", "poll", "push"]) {
    const run = tail(url, file, "--from", "oldest", "--delivery", mode, "--poll-every", "20");
    await run.lines(30);
    run.child.kill("SIGINT");
    const { code, stdout } = await run.ended;
    expect(code).toBe(0);
    seen.push(...seqsIn(stdout.trimEnd().split("\n")));
  }
  expect(seen).toEqual(range(1, seen.length));
});

it("a file that is something else is refused and left as it is", async () => {
  const [url, file] = [await everything(), await positionFile()];
  await writeFile(file, "my notes\n");
  const { code, stdout, stderr } = await tail(url, file).ended;
  expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
  expect(stderr).toMatch(/positions\.json is corrupt: not JSON.*\nThe file is left as it is/);
  expect(await readFile(file, "utf8")).toBe("my notes\n");
});
