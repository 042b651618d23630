import { mkdtemp, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { receiverUnderTest } from "../testing/receiver-under-test";
import { parseCommand } from "./arguments";
import { run } from "./run";

async function ran(...argv: string[]) {
  const [out, err]: [string[], string[]] = [[], []];
  const code = await run(argv, { out: (text) => out.push(text), err: (text) => err.push(text) });
  return { code, out: out.join(""), err: err.join("") };
}

describe("the command line", () => {
  it("a server by URL, with all that can be said of it", () => {
    const argv = ["--url", "http://a/mcp", "--header", "Authorization: Bearer x", "--other-header", "X: y"];
    const more = [
      "--type",
      "t",
      "--arguments",
      '{"a":1}',
      "--trigger",
      "make",
      "--only",
      "PUSH-2",
      "--only",
      "CAP-1",
    ];
    const command = parseCommand([...argv, ...more, "--callback", "https://me/", "--callback-port", "8080"]);
    expect(command).toMatchObject({
      kind: "server",
      target: { url: "http://a/mcp", headers: { authorization: "Bearer x" } },
      options: {
        otherHeaders: { x: "y" },
        type: "t",
        arguments: { a: 1 },
        trigger: { tool: "make", arguments: {} },
        only: ["PUSH-2", "CAP-1"],
        callback: { url: "https://me/", port: 8080 },
        controls: false,
      },
    });
  });

  it("a command is all that stands after --", () => {
    expect(parseCommand(["--json", "--", "node", "server.js", "--url"])).toMatchObject({
      target: { command: "node", args: ["server.js", "--url"] },
      output: { json: true },
    });
    expect(parseCommand(["client", "--", "python", "c.py"])).toMatchObject({ program: ["python", "c.py"] });
  });

  it.each([
    [[], /which server/],
    [["--url", "x"], /takes a URL/],
    [["--url", "http://a", "--", "node"], /which server/],
    [["--url", "http://a", "--header", "nonsense"], /Name: value/],
    [["--url", "http://a", "--arguments", "[]"], /JSON object/],
    [["--url", "http://a", "--style", "odd"], /auto or modern/],
    [["--url", "http://a", "--patience-ms", "-1"], /whole number|argument/],
    [["--url", "http://a", "--callback", "https://b"], /go together/],
    [["--no-such-flag"], /no-such-flag/],
    [["client"], /which client/],
    [["receiver", "--url", "http://a"], /--secret/],
    [["--url", "http://127.0.0.1:9/mcp", "--only", "X-1"], /no check X-1/],
    [["--url", "http://127.0.0.1:9/mcp"], /no connection/],
  ])("%j is told, and ends with 2", async (argv, message) => {
    const { code, err, out } = await ran(...argv);
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(err).toMatch(message);
  });

  it("lists the checks of each kind", async () => {
    expect((await ran("--list")).out).toContain("PUSH-2.active-first\tMUST\t");
    expect((await ran("client", "--list")).out).toContain("PUSH-9.reconnect\tMUST\t");
    expect((await ran("receiver", "--list")).out).toContain("HOOK-7.echo\tMUST\t");
    expect((await ran("--help")).out).toContain("Exit code 0");
  });

  it("checks, prints and writes; the exit code says how it went", async () => {
    const junit = join(await mkdtemp(join(tmpdir(), "conformance-")), "report.xml");
    const { url, secret } = await receiverUnderTest();
    const good = await ran(
      "receiver",
      "--url",
      url,
      "--secret",
      secret,
      "--only",
      "HOOK-18.accepts",
      "--junit",
      junit,
    );
    expect(good).toMatchObject({ code: 0, out: expect.stringContaining("1 passed, 0 failed") });
    expect(await readFile(junit, "utf8")).toContain("<testcase");
    const other = `whsec_${btoa("x".repeat(32))}`;
    const bad = await ran("receiver", "--url", url, "--secret", other, "--only", "HOOK-18.accepts", "--json");
    expect(bad.code).toBe(1);
    expect(JSON.parse(bad.out)).toMatchObject({ kind: "receiver", passed: false });
  });
});
