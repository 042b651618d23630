import { cp, readdir } from "node:fs/promises";
import { join } from "node:path";
import { root } from "../workspace";
import type { Packed } from "./pack";
import { run } from "./run";

const LEFT_BEHIND = /(^|\/)(node_modules|dist|package-lock\.json)$/;

/**
 * Every folder of `examples/` is a project of its own, as a third party would have it: copied out of the repository,
 * given the tarballs, and asked for `npm test`.
 */
export async function exampleProblems(packed: readonly Packed[], parent: string): Promise<string[]> {
  const entries = await readdir(join(root, "examples"), { withFileTypes: true }).catch(() => []);
  const problems: string[] = [];
  for (const { name } of entries.filter((entry) => entry.isDirectory())) {
    const dir = join(parent, `example-${name}`);
    const filter = (path: string) => !LEFT_BEHIND.test(path);
    await cp(join(root, "examples", name), dir, { recursive: true, filter });
    problems.push(...(await testExample(packed, dir)).map((problem) => `examples/${name}: ${problem}`));
  }
  return problems;
}

async function testExample(packed: readonly Packed[], dir: string): Promise<string[]> {
  const tarballs = packed.map(({ tarball }) => tarball);
  const flags = [
    "install",
    "--no-audit",
    "--no-fund",
    "--prefer-offline",
    "--loglevel=error",
    "--ignore-scripts",
  ];
  const installed = await run("npm", [...flags, ...tarballs], dir);
  if (installed.code !== 0) return [`npm install failed: ${installed.stderr}`];
  const tested = await run("npm", ["test"], dir);
  return tested.code === 0 ? [] : [`npm test failed:\n${tested.stdout}${tested.stderr}`];
}
