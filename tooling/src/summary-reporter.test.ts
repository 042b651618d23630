import { execFile } from "node:child_process";
import { mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { root } from "./workspace";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "summary-"));
  await symlink(join(root, "node_modules"), join(folder, "node_modules"));
  const reporters = ["default", join(root, "tooling/src/summary-reporter.ts")];
  const config = { test: { include: ["*.check.ts"], reporters } };
  await writeFile(join(folder, "vitest.config.mjs"), `export default ${JSON.stringify(config)};`);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Runs vitest itself on one test file with the given source. */
async function run(source: string): Promise<{ code: number; lastLine: string | undefined }> {
  await writeFile(join(folder, "sample.check.ts"), source);
  const args = [join(root, "node_modules/vitest/vitest.mjs"), "run"];
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      args,
      { cwd: folder, env: { ...process.env, NO_COLOR: "1" } },
      (error, stdout) => {
        resolve({
          code: error === null ? 0 : Number(error.code),
          lastLine: stdout.trimEnd().split("\n").at(-1),
        });
      },
    );
  });
}

const header = `import { test } from "vitest";\n`;

test("counts what passed, and a run in which all passed exits 0", async () => {
  const ended = await run(`${header}test("a", () => {}); test("b", () => {});`);
  expect(ended).toEqual({ code: 0, lastLine: "2 passed, 0 failed" });
});

test("a failing test is counted and fails the run; a skipped one is named", async () => {
  const ended = await run(
    `${header}test("a", () => {}); test("b", () => { throw new Error(); }); test.skip("c", () => {});`,
  );
  expect(ended).toEqual({ code: 1, lastLine: "1 passed, 1 failed, 1 skipped" });
});

test("a file that does not load counts as a failure", async () => {
  const ended = await run(`${header}test("a", () => {}); throw new Error("at load");`);
  expect(ended).toEqual({ code: 1, lastLine: "0 passed, 1 failed" });
});

test("an error that no test caught counts as a failure", async () => {
  const ended = await run(
    `${header}test("a", () => { setTimeout(() => { throw new Error("late"); }); return new Promise((r) => setTimeout(r, 50)); });`,
  );
  expect(ended).toEqual({ code: 1, lastLine: "1 passed, 1 failed" });
});

test("a run in which nothing passed fails", async () => {
  const ended = await run(`${header}test.skip("a", () => {});`);
  expect(ended).toEqual({ code: 1, lastLine: "0 passed, 0 failed, 1 skipped" });
});
