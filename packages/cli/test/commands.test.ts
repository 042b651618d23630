import { describe, expect, it, vi } from "vitest";
import { callTool, cli, EVERYTHING, emitNotes, everything } from "./support/processes";

// Each test starts two or more processes, on a machine that may be busy.
vi.setConfig({ testTimeout: 60_000 });

const jsonLines = (text: string) =>
  text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
const ALICE = { MCP_EVENTS_BEARER: "alice-token" };

describe("mcp-events list", () => {
  it("shows every type with its modes and order, or one with its data", async () => {
    const url = await everything();
    const all = await cli(["list", "--json", "--url", url]).ended;
    expect(jsonLines(all.stdout)).toHaveLength(9);
    const { code, stdout } = await cli(["list", "note.created", "--url", url]).ended;
    expect(code).toBe(0);
    expect(stdout).toMatch(/^note\.created {2}push, poll, webhook\n/);
    expect(stdout).toContain("in log order for each ordering key (log events)");
    expect(stdout).toContain("author?: string");
    expect(stdout).toContain("n?: integer");
  });

  it("names the types there are when one is asked for that there is not", async () => {
    const { code, stdout, stderr } = await cli(["list", "note", "--url", await everything()]).ended;
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toMatch(/no event type "note"\nIt lists .*note\.created/);
  });
});

describe("mcp-events poll", () => {
  it("POLL-1 POLL-3: writes a page and the cursor that the next goes on from", async () => {
    const url = await everything();
    await emitNotes(url, "ann", 3);
    const argv = ["poll", "note.created", "--json", "--url", url];
    const first = JSON.parse((await cli([...argv, "--from", "oldest", "--max-events", "2"]).ended).stdout);
    expect(first).toMatchObject({ hasMore: true, events: [{ data: { n: 1 } }, { data: { n: 2 } }] });
    const second = JSON.parse((await cli([...argv, "--from", first.cursor]).ended).stdout);
    expect(second).toMatchObject({ hasMore: false, events: [{ data: { n: 3 } }] });
    const { stdout } = await cli(["poll", "note.created", "--from", second.cursor, "--url", url]).ended;
    expect(stdout).toBe(`cursor: ${second.cursor}\nnext poll in 2000 ms\n`);
  });

  it("POLL-7: waits for an event where it may", async () => {
    const url = await everything();
    const run = cli(["poll", "note.created", "--json", "--wait", "20000", "--url", url]);
    const answered = run.ended.then(() => true);
    // The poll begins from now: notes are emitted until it has seen one.
    while (!(await Promise.race([answered, emitNotes(url, "ann", 1).then(() => false)])));
    expect(JSON.parse((await run.ended).stdout).events.length).toBeGreaterThan(0);
  });
});

describe("mcp-events subscribe and unsubscribe", () => {
  const hooked = () => everything("--allow-loopback-webhooks");

  it("HOOK-1 HOOK-7: receives what is posted, and unsubscribes at the end", async () => {
    const url = await hooked();
    const run = cli(
      ["subscribe", "note.created", "author=ann", "--json", "--listen", "0", "--url", url],
      ALICE,
    );
    await run.said("Subscribed.");
    await emitNotes(url, "ann", 5);
    const events = jsonLines((await run.lines(5)).join("\n"));
    expect(events.map(({ mode, data }) => [mode, data.n])).toEqual(
      [1, 2, 3, 4, 5].map((n) => ["webhook", n]),
    );
    run.child.kill("SIGINT");
    const { code, stderr } = await run.ended;
    expect(code).toBe(0);
    const [, callback = ""] = /The callback is (\S+)/.exec(stderr) ?? [];
    const again = await cli(
      ["unsubscribe", "note.created", "author=ann", "--callback", callback, "--url", url],
      ALICE,
    ).ended;
    expect(again).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("there is no such subscription"),
    });
  });

  it("HOOK-17: a subscription whose receiver was killed is ended by hand", async () => {
    const url = await hooked();
    const run = cli(["subscribe", "note.created", "--listen", "0", "--url", url], ALICE);
    await run.said("Subscribed.");
    run.child.kill("SIGKILL");
    const [, callback = ""] = /The callback is (\S+)/.exec((await run.ended).stderr) ?? [];
    const ended = await cli(["unsubscribe", "note.created", "--callback", callback, "--url", url], ALICE)
      .ended;
    expect(ended).toMatchObject({ code: 0, stdout: "", stderr: expect.stringContaining("Ended: ") });
  });

  it("HOOK-2: without credentials it is refused, and says what to do", async () => {
    const url = await hooked();
    const { code, stderr } = await cli(["subscribe", "note.created", "--listen", "0", "--url", url]).ended;
    expect(code).toBe(3);
    expect(stderr).toMatch(/Forbidden.*\n.*MCP_EVENTS_BEARER/);
  });

  it("--dry-run says what would be sent and what is wrong with it, and subscribes nothing", async () => {
    const url = await hooked();
    const argv = ["subscribe", "pollonly.pinged", "--listen", "8080", "--dry-run", "--json", "--url", url];
    const { code, stdout } = await cli(argv).ended;
    expect(code).toBe(1);
    const plan = JSON.parse(stdout);
    expect(plan.params.delivery.url).toBe("http://127.0.0.1:8080/hooks/");
    expect(plan.problems).toHaveLength(4);
    const webhooks = await cli(
      ["subscribe", "note.created", "--callback", "https://me.example/", "--dry-run", "--url", url],
      ALICE,
    ).ended;
    expect(webhooks.code).toBe(0);
    await callTool(url, "webhooks", {});
  });
});

describe("mcp-events doctor", () => {
  it.each([
    ["v1", "2025-11-25"],
    ["v2", "2026-07-28"],
  ])("says what a server on sdk %s supports and who can use it", async (sdk, revision) => {
    const url = await everything("--sdk", sdk, "--profile", "sketch");
    const { code, stdout, stderr } = await cli(["doctor", "note.created", "--json", "--url", url], ALICE)
      .ended;
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const found = jsonLines(stdout);
    const textOf = (topic: string) => found.find((one) => one.topic === topic)?.text;
    expect(textOf("revision")).toContain(revision);
    expect(textOf("errors")).toContain("sketch");
    expect(textOf("webhooks")).toBe("whoever asks here may subscribe");
    expect(textOf("try poll")).toContain("replays from a cursor");
    expect(textOf("try push")).toMatch(/^stood after \d+ ms$/);
    const works = found.filter(({ kind }) => kind === "client").map((one) => [one.client, one.works]);
    expect(works).toEqual([
      ["@mcp-events/client", "yes"],
      ["ChatGPT (webhook only)", "no"],
      ["AI SDK, @ai-sdk/mcp (webhook only)", "partly"],
      ["plain clients that poll", "partly"],
    ]);
  });

  it("ends with exit code 1 when there is a problem", async () => {
    const argv = ["doctor", "nosuch.type", "--", process.execPath, EVERYTHING, "--stdio"];
    const { code, stdout, stderr } = await cli(argv).ended;
    expect(code).toBe(1);
    expect(stdout).toMatch(/^problem {2}try poll +the server answered NotFound/m);
    expect(stderr).toContain("1 problem found");
  });
});

describe("mcp-events conformance", () => {
  it("checks a server by the rules that are asked for", async () => {
    const argv = ["conformance", "--only", "POLL-1", "--json", "--url", await everything()];
    const { code, stdout, stderr } = await cli(argv).ended;
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const report = JSON.parse(stdout);
    expect(report).toMatchObject({ kind: "server", passed: true });
    expect(report.counts.SUCCESS).toBeGreaterThan(0);
  });

  it("ends with exit code 1 when a check fails, here by the numbers of another profile", async () => {
    const url = await everything("--profile", "sketch");
    const { code, stdout, stderr } = await cli([
      "conformance",
      "--only",
      "POLL-5",
      "LIST-4",
      "AUTH-1",
      "--url",
      url,
    ]).ended;
    expect(code).toBe(1);
    expect(stdout).toContain("FAILURE");
    expect(stderr).toMatch(/\d+ checks? failed/);
  });

  it("a check there is not is a usage error, a server there is not is no connection", async () => {
    const url = await everything();
    expect((await cli(["conformance", "--only", "NO-1", "--url", url]).ended).code).toBe(2);
    expect((await cli(["conformance", "--url", "http://127.0.0.1:1/mcp"]).ended).code).toBe(3);
  });
});

describe("what goes wrong on the way", () => {
  it.each([
    [["--bearer", "wrong"], "HTTP 401", "MCP_EVENTS_BEARER"],
    [["--header", "Authorization: Basic x"], "HTTP 401", "MCP_EVENTS_BEARER"],
  ])("%j is told with exit code 3", async (more, what, hint) => {
    const { code, stdout, stderr } = await cli(["list", "--url", await everything(), ...more]).ended;
    expect({ code, stdout }).toEqual({ code: 3, stdout: "" });
    expect(stderr).toContain(what);
    expect(stderr).toContain(hint);
    expect(stderr).not.toContain("wrong");
  });

  it("a wrong path, a server that is not there, a command that is not there", async () => {
    const url = await everything();
    const wrongPath = await cli(["list", "--url", `${url}x`]).ended;
    expect(wrongPath).toMatchObject({
      code: 3,
      stderr: expect.stringMatching(/HTTP 404\nIs the path right\?/),
    });
    const nobody = await cli(["list", "--url", "http://127.0.0.1:1/mcp"]).ended;
    expect(nobody.code).toBe(3);
    const noCommand = await cli(["list", "--", "no-such-command-at-all"]).ended;
    expect(noCommand).toMatchObject({ code: 3, stderr: expect.stringContaining("There is no such command") });
  });

  it("the bearer token does not reach a server that is started", async () => {
    const script = "process.stderr.write(String(process.env.MCP_EVENTS_BEARER)); process.exit(0)";
    const { stderr } = await cli(["list", "--", process.execPath, "-e", script], ALICE).ended;
    expect(stderr).toContain("undefined");
    expect(stderr).not.toContain("alice-token");
  });
});
