import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { type Manifest, root, type WorkspacePackage, workspacePackages } from "../workspace";
import { runOrThrow } from "./run";

/** A package as it would be published. */
export interface Packed {
  name: string;
  /** The tarball's path. */
  tarball: string;
  /** Folder with the tarball's contents. */
  dir: string;
  /** Paths of the contents, relative to `dir`. */
  files: string[];
  /** The packed package.json, in which pnpm has replaced `workspace:` ranges. */
  manifest: Manifest;
  source: WorkspacePackage;
}

/** Packs every public package into `into` and unpacks each beside its tarball. Packages have to be built. */
export async function packAll(into: string): Promise<Packed[]> {
  const [command, ...args] = await pnpmCommand();
  const filter = ["-r", "--filter", "./packages/*"];
  await runOrThrow(command, [...args, ...filter, "pack", "--pack-destination", into], root);
  const published = workspacePackages().filter(({ manifest }) => manifest.private !== true);
  return Promise.all(published.map((source) => unpack(source, into)));
}

/** How the repository's own pnpm is run. */
export async function pnpmCommand(): Promise<[command: string, ...args: string[]]> {
  const { devEngines } = JSON.parse(await readFile(join(root, "package.json"), "utf8"));
  return ["npx", "-y", `pnpm@${devEngines.packageManager.version}`];
}

async function unpack(source: WorkspacePackage, into: string): Promise<Packed> {
  const { name, version } = source.manifest;
  const stem = name.slice(1).replace("/", "-");
  const tarball = join(into, `${stem}-${version}.tgz`);
  const dir = join(into, stem);
  await mkdir(dir);
  await runOrThrow("tar", ["-xzf", tarball, "-C", dir, "--strip-components=1"], into);
  const manifest = JSON.parse(await readFile(join(dir, "package.json"), "utf8")) as Manifest;
  return { name, tarball, dir, files: await listTarball(tarball, into), manifest, source };
}

async function listTarball(tarball: string, cwd: string): Promise<string[]> {
  const listing = await runOrThrow("tar", ["-tzf", tarball], cwd);
  return listing
    .split("\n")
    .filter((line) => line !== "" && !line.endsWith("/"))
    .map((line) => line.replace(/^package\//, ""))
    .sort();
}
