import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Packed } from "./pack";
import { run } from "./run";

/** Installs a program's tarball with those of our libraries, and nothing else, and runs each of its commands. */
export async function programProblems(
  program: Packed,
  libraries: readonly Packed[],
  parent: string,
): Promise<string[]> {
  const { name, manifest } = program;
  const commands = Object.keys(manifest.bin ?? {});
  if (commands.length === 0) return [`${name}: has no command`];
  const dir = join(parent, `program-${commands[0]}`);
  await mkdir(dir);
  await writeFile(join(dir, "package.json"), JSON.stringify({ private: true, type: "module" }));
  const tarballs = [program, ...libraries].map(({ tarball }) => tarball);
  const flags = [
    "install",
    "--no-audit",
    "--no-fund",
    "--prefer-offline",
    "--loglevel=error",
    "--ignore-scripts",
  ];
  const installed = await run("npm", [...flags, ...tarballs], dir);
  if (installed.code !== 0) return [`${name}: npm install failed: ${installed.stderr}`];

  const problems: string[] = [];
  for (const command of commands) {
    const ended = await run(join(dir, "node_modules", ".bin", command), ["--version"], dir, 30_000);
    const says = ended.stdout + ended.stderr;
    if (ended.code !== 0 || says !== `${manifest.version}\n`) {
      problems.push(`${name}: ${command} --version ended with ${ended.code} and says: ${says}`);
    }
  }
  return problems;
}
