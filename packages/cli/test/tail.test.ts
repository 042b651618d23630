import { describe, expect, it, vi } from "vitest";
import { cli, EVERYTHING, emitNotes, everything } from "./support/processes";

// Each test starts two or more processes, on a machine that may be busy.
vi.setConfig({ testTimeout: 60_000 });

const numberIn = (line: string) => JSON.parse(line).data.n as number;
const upTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1);

describe.each(["v1", "v2"] as const)("mcp-events tail, --sdk %s, over HTTP", (sdk) => {
  it.each(["push", "poll"] as const)(
    "ORD-1: writes events by %s in order, one JSON object a line",
    async (mode) => {
      const url = await everything();
      await emitNotes(url, "ann", 40);
      const argv = ["tail", "note.created", "author=ann", "--json", "--from", "oldest", "--delivery", mode];
      const run = cli([...argv, "--count", "60", "--poll-every", "20", "--sdk", sdk, "--url", url]);
      const first = await run.lines(40);
      await emitNotes(url, "bob", 3);
      await emitNotes(url, "ann", 20);
      const { code, stdout, stderr } = await run.ended;
      expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
      const lines = stdout.trimEnd().split("\n");
      expect(first).toEqual(lines.slice(0, 40));
      expect(lines.map(numberIn)).toEqual([...upTo(40), ...upTo(20)]);
      expect(JSON.parse(lines[0]!)).toMatchObject({
        kind: "event",
        name: "note.created",
        mode,
        eventId: expect.any(String),
        position: { log: "events", seq: 1 },
        data: { author: "ann" },
      });
    },
  );

  it("over stdio starts the server, and its stderr does not reach stdout", async () => {
    const argv = ["tail", "ticker.tick", "intervalMs:=50", "--json", "--count", "3", "--sdk", sdk];
    const { code, stdout } = await cli([...argv, "--", process.execPath, EVERYTHING, "--stdio"]).ended;
    expect(code).toBe(0);
    const numbers = stdout.trimEnd().split("\n").map(numberIn);
    expect(numbers).toEqual([0, 1, 2].map((offset) => numbers[0]! + offset));
  });
});

it("ORD-5: --merge writes types of one log in log order", async () => {
  const url = await everything();
  await emitNotes(url, "ann", 5);
  await emitNotes(url, "bob", 5);
  await emitNotes(url, "ann", 5);
  const argv = ["tail", "note.created", "author=bob", "--merge", "note.created author=ann"];
  const { stdout, code } = await cli([...argv, "--from", "oldest", "--json", "--count", "15", "--url", url])
    .ended;
  expect(code).toBe(0);
  const seqs = stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line).position.seq);
  expect(seqs).toEqual(upTo(15));
});

describe("ORD-2: a gap", () => {
  const gapped = async () => {
    const url = await everything("--retention-events", "5");
    await emitNotes(url, "ann", 20);
    return ["tail", "note.created", "--from", "oldest", "--count", "5", "--url", url];
  };

  it("is a line in its place", async () => {
    const { code, stdout } = await cli([...(await gapped()), "--json"]).ended;
    const [gap, ...events] = stdout.trimEnd().split("\n");
    expect(code).toBe(0);
    expect(JSON.parse(gap!)).toMatchObject({
      kind: "gap",
      reason: "truncated",
      to: { log: "events", seq: 15 },
    });
    expect(events.map(numberIn)).toEqual([16, 17, 18, 19, 20]);
  });

  it("ends with exit code 4 when that is asked for", async () => {
    const { code, stdout, stderr } = await cli([...(await gapped()), "--stop-on-gap"]).ended;
    expect({ code, stdout }).toEqual({ code: 4, stdout: "" });
    expect(stderr).toMatch(/events are missing: truncated\n.*--stop-on-gap/);
  });
});

describe("the end", () => {
  it.each(["SIGINT", "SIGTERM"] as const)(
    "by %s is clean: exit code 0, nothing on stderr",
    async (signal) => {
      const url = await everything();
      await emitNotes(url, "ann", 1);
      const run = cli(["tail", "note.created", "--from", "oldest", "--url", url]);
      expect(await run.line()).toContain("note.created");
      run.child.kill(signal);
      expect(await run.ended).toMatchObject({ code: 0, stderr: "" });
    },
  );

  it("by SIGINT to the whole group, as a terminal sends it, is clean over stdio, too", async () => {
    const argv = ["tail", "ticker.tick", "intervalMs:=50", "--", process.execPath, EVERYTHING, "--stdio"];
    const run = cli(argv, {}, { detached: true });
    await run.line();
    process.kill(-run.child.pid!, "SIGINT");
    expect(await run.ended).toMatchObject({ code: 0, stderr: "" });
  });

  it("by SIGTERM is clean while the server that was started has not answered yet", async () => {
    // The server signals who started it, and says nothing.
    const script = 'process.kill(process.ppid, "SIGTERM"); process.stdin.resume()';
    const started = performance.now();
    const { code, stdout, stderr } = await cli(["tail", "n", "--", process.execPath, "-e", script]).ended;
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: "", stderr: "" });
    expect(performance.now() - started).toBeLessThan(14_000);
  });

  it("of a reader is the end of the command (SIGPIPE), without a word", async () => {
    const url = await everything();
    const run = cli(["tail", "ticker.tick", "intervalMs:=50", "--url", url]);
    await run.line();
    run.child.stdout!.destroy();
    expect(await run.ended).toMatchObject({ code: 0, stderr: "" });
  });

  it("of the server is told, with exit code 3", async () => {
    const script = `setTimeout(() => process.exit(0), 2500); process.argv.push("x", "--stdio"); import(${JSON.stringify(EVERYTHING)});`;
    const { code, stderr } = await cli(["tail", "note.created", "--", process.execPath, "-e", script]).ended;
    expect(code).toBe(3);
    expect(stderr).toContain("the MCP connection was closed\nWith --position FILE");
  });
});
