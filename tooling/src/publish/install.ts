import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Packed, pnpmCommand } from "./pack";
import { type Ended, run } from "./run";

// Loading needs no compiled code, so none is compiled: `better-sqlite3` takes minutes.
const NPM_FLAGS = ["--no-audit", "--no-fund", "--prefer-offline", "--loglevel=error", "--ignore-scripts"];

/** Makes a folder an application that npm installs tarballs and other packages into. */
export async function npmInstall(
  dir: string,
  packed: readonly Packed[],
  others: readonly string[],
): Promise<Ended> {
  await writeManifest(dir, {});
  const tarballs = packed.map(({ tarball }) => tarball);
  return run("npm", ["install", ...NPM_FLAGS, ...tarballs, ...others], dir);
}

/** The same with pnpm, which is told that the tarballs are what the packages need of one another, too. */
export async function pnpmInstall(
  dir: string,
  packed: readonly Packed[],
  others: readonly string[],
): Promise<Ended> {
  const files = Object.fromEntries(packed.map(({ name, tarball }) => [name, `file:${tarball}`]));
  const ranges = Object.fromEntries(others.map(splitRange));
  await writeManifest(dir, { ...files, ...ranges });
  await writeFile(join(dir, "pnpm-workspace.yaml"), JSON.stringify({ overrides: files }));
  const [command, ...args] = await pnpmCommand();
  // Loading needs no compiled code, so none is compiled.
  const flags = ["--prefer-offline", "--no-frozen-lockfile", "--ignore-scripts"];
  return run(command, [...args, "install", ...flags], dir);
}

function writeManifest(dir: string, dependencies: Record<string, string>): Promise<void> {
  return writeFile(
    join(dir, "package.json"),
    JSON.stringify({ name: "application", private: true, type: "module", dependencies }),
  );
}

/** `@scope/name@range` as its name and its range. */
function splitRange(wanted: string): [name: string, range: string] {
  const at = wanted.lastIndexOf("@");
  return [wanted.slice(0, at), wanted.slice(at + 1)];
}
