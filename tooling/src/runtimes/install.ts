import { cp, mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { packAll } from "../publish/pack";
import { runOrThrow } from "../publish/run";
import { RUNTIMES, WORKERD } from "./runtimes";

const FLAGS = [
  "install",
  "--no-audit",
  "--no-fund",
  "--prefer-offline",
  "--ignore-scripts",
  "--loglevel=error",
];

const SDK = [
  "@modelcontextprotocol/server@^2.4.0",
  "@modelcontextprotocol/client@^2.4.0",
  "@modelcontextprotocol/node@^2.1.0",
];

/** Installs every runtime below a folder; returns where their packages are. */
export async function installRuntimes(parent: string): Promise<string> {
  const dir = await project(join(parent, "runtimes"));
  const all = [...RUNTIMES, WORKERD];
  await runOrThrow("npm", [...FLAGS, ...all.flatMap(({ installs }) => installs)], dir);
  const modules = join(dir, "node_modules");
  for (const { setup } of all) {
    if (setup === undefined) continue;
    const script = join(modules, setup);
    await runOrThrow(process.execPath, [script], dirname(script));
  }
  return modules;
}

/** An application in plain JavaScript with the packed packages, and the programs in it; returns its folder. */
export async function installApplication(parent: string): Promise<string> {
  const packed = await packAll(parent);
  const dir = await project(join(parent, "application"));
  await runOrThrow("npm", [...FLAGS, ...packed.map(({ tarball }) => tarball), ...SDK, "zod@^4.6.7"], dir);
  await cp(join(import.meta.dirname, "programs"), dir, { recursive: true });
  return dir;
}

async function project(dir: string): Promise<string> {
  await mkdir(dir);
  await writeFile(join(dir, "package.json"), JSON.stringify({ private: true, type: "module" }));
  return dir;
}
