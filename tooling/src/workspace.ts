import { readdirSync, readFileSync } from "node:fs";
import { join, relative, sep } from "node:path";

/** The repository's folder. */
export const root = join(import.meta.dirname, "..", "..");

/** What is read here of a package.json. */
export interface Manifest {
  name: string;
  version: string;
  private?: boolean;
  exports?: Record<string, unknown>;
  bin?: Record<string, string>;
  dependencies?: Record<string, string>;
  peerDependencies?: Record<string, string>;
  peerDependenciesMeta?: Record<string, { optional?: boolean }>;
  devDependencies?: Record<string, string>;
}

/** One package of the workspace. */
export interface WorkspacePackage {
  /** Folder relative to the root, such as `packages/client`. */
  folder: string;
  /** Absolute folder. */
  dir: string;
  manifest: Manifest;
}

/** The packages below `packages/` or `apps/`, sorted by name. */
export function workspacePackages(parent: "packages" | "apps" = "packages"): WorkspacePackage[] {
  return readdirSync(join(root, parent), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => ({ folder: `${parent}/${entry.name}`, dir: join(root, parent, entry.name) }))
    .filter(({ dir }) => readdirSync(dir).includes("package.json"))
    .map((found) => ({
      ...found,
      manifest: JSON.parse(readFileSync(join(found.dir, "package.json"), "utf8")) as Manifest,
    }))
    .sort((a, b) => a.folder.localeCompare(b.folder));
}

const PROGRAMS: ReadonlySet<string> = new Set(["@mcp-events/cli"]);

/** Whether a package is a program, which brings an MCP SDK along; libraries work with the one that is there. */
export function isProgram({ manifest }: WorkspacePackage): boolean {
  return PROGRAMS.has(manifest.name);
}

/** The import names of a package's code entries: `@mcp-events/client`, `@mcp-events/client/node`, … */
export function entryNames({ manifest }: WorkspacePackage): string[] {
  return Object.keys(manifest.exports ?? {})
    .filter((entry) => entry !== "./package.json")
    .map((entry) => manifest.name + entry.slice(1));
}

/** The source of a package's entry, by the rule that the build follows: `.` is `src/index.ts`, `./x` is `src/x.ts`. */
export function entrySource({ dir, manifest }: WorkspacePackage, name: string): string {
  const entry = name.slice(manifest.name.length + 1);
  return join(dir, "src", `${entry === "" ? "index" : entry}.ts`);
}

const SKIPPED = new Set(["node_modules", "dist", ".turbo", ".git", "coverage"]);

/** Files below a folder whose name ends as asked, as paths relative to the root with `/`, sorted. */
export function filesBelow(folder: string, ending: string): string[] {
  const found: string[] = [];
  const pending = [join(root, folder)];
  for (let dir = pending.pop(); dir !== undefined; dir = pending.pop()) {
    for (const entry of readdirSync(dir, { withFileTypes: true })) {
      if (SKIPPED.has(entry.name)) continue;
      const path = join(dir, entry.name);
      if (entry.isDirectory()) pending.push(path);
      else if (entry.name.endsWith(ending)) found.push(relative(root, path).split(sep).join("/"));
    }
  }
  return found.sort();
}
