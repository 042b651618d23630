import { spawn } from "node:child_process";
import { copyFile, mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { build, type Plugin } from "esbuild";
import ts from "typescript";
import { entryNames, entrySource, root, workspacePackages } from "../workspace";
import type { DocBlock } from "./blocks";

/** Writes a document's blocks into a folder of their own. */
export async function writeBlocks(dir: string, blocks: readonly DocBlock[]): Promise<void> {
  await mkdir(dir, { recursive: true });
  for (const { file, source } of blocks) await writeFile(join(dir, file), `${source}\nexport {};\n`);
}

/**
 * Puts the modules that lie beside a document of `docs` beside its blocks, which may import them (`./connect`).
 *
 * @returns the copies.
 */
export async function copyModules(folder: string, dir: string): Promise<string[]> {
  if (!folder.startsWith("docs")) return [];
  const modules = (await readdir(join(root, folder))).filter((name) => name.endsWith(".ts"));
  for (const name of modules) await copyFile(join(root, folder, name), join(dir, name));
  return modules.map((name) => join(dir, name));
}

/** What the compiler says of files under the settings most users have, with the packages read from their sources. */
export function compileProblems(files: readonly string[]): string[] {
  const { config } = ts.readConfigFile(join(root, "tsconfig.json"), ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent(
    { ...config, include: [], files: ["x.ts"] },
    ts.sys,
    root,
  );
  const program = ts.createProgram([...files], {
    ...options,
    noUnusedLocals: false,
    exactOptionalPropertyTypes: false,
  });
  return files.flatMap((file) => {
    const source = program.getSourceFile(file);
    return [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)].map(
      ({ messageText }) => `${file}: ${ts.flattenDiagnosticMessageText(messageText, "\n")}`,
    );
  });
}

const sources = new Map(
  workspacePackages().flatMap((found) =>
    entryNames(found).map((name) => [name, entrySource(found, name)] as const),
  ),
);

/** Our packages are bundled from their sources; everything else stays where each importer finds it. */
const workspaceSources: Plugin = {
  name: "workspace-sources",
  setup(plugin) {
    plugin.onResolve({ filter: /^[^./]/ }, async ({ path, pluginData, kind, resolveDir, importer }) => {
      if (pluginData === "resolving" || kind === "entry-point" || path.startsWith("node:")) return undefined;
      const source = sources.get(path);
      if (source !== undefined) return { path: source };
      const found = await plugin.resolve(path, { kind, resolveDir, importer, pluginData: "resolving" });
      return found.errors.length > 0 ? { errors: found.errors } : { path: found.path, external: true };
    });
  },
};

/** Builds each block to a `.js` file beside it. */
export async function buildBlocks(dir: string, blocks: readonly DocBlock[]): Promise<void> {
  await build({
    absWorkingDir: dir,
    entryPoints: blocks.map(({ file }) => file),
    outdir: dir,
    bundle: true,
    platform: "node",
    format: "esm",
    target: "es2023",
    logLevel: "silent",
    plugins: [workspaceSources],
  });
}

/** How a block ended: by itself, or stopped once its text had appeared. */
export interface BlockRun {
  /** The exit code; 0 when the text of `until` appeared. */
  code: number;
  output: string;
}

/** Runs a built block with all it starts; whatever is left of them is killed at the end, or after `timeoutMs`. */
export function runBlock(dir: string, { file, until }: DocBlock, timeoutMs = 25_000): Promise<BlockRun> {
  const child = spawn(process.execPath, [file.replace(/\.ts$/, ".js")], {
    cwd: dir,
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
  return new Promise((resolve) => {
    let output = "";
    let found = false;
    const stop = () => killGroup(child.pid);
    const timer = setTimeout(stop, timeoutMs);
    const read = (chunk: Buffer) => {
      output += chunk.toString();
      found ||= until !== undefined && output.includes(until);
      if (found) stop();
    };
    child.stdout.on("data", read);
    child.stderr.on("data", read);
    child.on("close", (code) => {
      clearTimeout(timer);
      stop();
      resolve({ code: found || (until === undefined && code === 0) ? 0 : (code ?? 1) || 1, output });
    });
  });
}

function killGroup(pid: number | undefined): void {
  try {
    if (pid !== undefined) process.kill(-pid, "SIGKILL");
  } catch {
    // The group is gone already.
  }
}
