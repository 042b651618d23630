import { execFile } from "node:child_process";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

const MAIN = join(import.meta.dirname, "..", "dist", "main.js");

function storm(...argv: string[]): Promise<{ code: number; out: string; err: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [MAIN, ...argv], { maxBuffer: 64 << 20 }, (error, out, err) => {
      resolve({ code: error === null ? 0 : Number(error.code), out, err });
    });
  });
}

describe("storm, the built program", { timeout: 60_000 }, () => {
  it("runs in several threads and prints what was injected", async () => {
    const { code, out } = await storm("--runs", "60", "--workers", "2");
    expect(out).toContain("60 runs in ");
    expect(out).toMatch(/^ +[1-9]\d* {2}post lost$/m);
    expect(out).toContain("no run broke the contract");
    expect(code).toBe(0);
  });

  it("--seed replays a run to the letter; --json says it for machines", async () => {
    const [first, second] = await Promise.all([storm("--seed", "26"), storm("--seed", "26")]);
    expect(first.code).toBe(0);
    expect(first.out).toBe(second.out);
    const { out } = await storm("--seed", "26", "--json");
    expect(JSON.parse(out)).toMatchObject({ seed: 26, violations: [] });
  });

  it("--control fails nobody when it is caught, and shows the failure made small with its seed", async () => {
    const { code, out } = await storm("--control", "cursor-before-handler", "--runs", "20");
    expect(code).toBe(0);
    expect(out).toMatch(/made small:[\s\S]+VIOLATED[\s\S]+storm --seed \d+ --control cursor-before-handler/);
  });

  it("a storm that does not catch its control fails", async () => {
    const { code, err } = await storm("--control", "watermark-maximum", "--runs", "1", "--from", "1");
    expect(err).toContain("watermark-maximum was not caught");
    expect(code).toBe(1);
  });

  it("says what is wrong with the command line, and exits with 2", async () => {
    const { code, err, out } = await storm("--control", "nothing");
    expect([code, out]).toEqual([2, ""]);
    expect(err).toContain("--control: there is no nothing; --list names them");
    expect((await storm("--list")).out).toContain("concurrent-posting");
    expect((await storm("--help")).out).toContain("--minutes");
  });
});
