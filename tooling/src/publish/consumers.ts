import { mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { entryNames, root } from "../workspace";
import { compilerErrors } from "./compiler-output";
import { npmInstall, pnpmInstall } from "./install";
import type { Packed } from "./pack";
import { run } from "./run";

/** An application that has installed our packages, and some MCP SDK or none. */
export interface Consumer {
  title: string;
  /** What it installs beside our packages. */
  installs: readonly string[];
  /** Entries that need an SDK which this application does not have. */
  without: readonly string[];
  /** What installs it; default npm. pnpm lets each package see its own dependencies only. */
  manager?: "pnpm";
}

/** Every way an application can stand to the two SDK lines. */
export const CONSUMERS: readonly Consumer[] = [
  { title: "no-sdk", installs: [], without: ["@mcp-events/server/sdk-v1", "@mcp-events/server/sdk-v2"] },
  {
    title: "sdk-v1",
    installs: ["@modelcontextprotocol/sdk@^1.32.0"],
    without: ["@mcp-events/server/sdk-v2"],
  },
  {
    title: "sdk-v2",
    installs: ["@modelcontextprotocol/server@^2.4.0", "@modelcontextprotocol/client@^2.4.0"],
    without: ["@mcp-events/server/sdk-v1"],
  },
  {
    title: "pnpm",
    installs: ["@modelcontextprotocol/sdk@^1.32.0"],
    without: ["@mcp-events/server/sdk-v2"],
    manager: "pnpm",
  },
];

const RESOLUTIONS = [
  { module: "node16", moduleResolution: "node16" },
  { module: "esnext", moduleResolution: "bundler" },
];

/** Installs the tarballs the way an application would, compiles against them and loads them. */
export async function consumerProblems(
  consumer: Consumer,
  packed: readonly Packed[],
  parent: string,
): Promise<string[]> {
  const dir = join(parent, consumer.title);
  await mkdir(dir);
  const install = consumer.manager === "pnpm" ? pnpmInstall : npmInstall;
  const installed = await install(dir, packed, consumer.installs);
  if (installed.code !== 0)
    return [`${consumer.title}: install failed: ${installed.stdout}${installed.stderr}`];

  const entries = packed
    .flatMap(({ source }) => entryNames(source))
    .filter((name) => !consumer.without.includes(name));
  const problems = [
    ...(await strayProblems(consumer, dir)),
    ...(await compileProblems(dir, entries)),
    ...(await loadProblems(dir, entries)),
  ];
  return problems.map((problem) => `${consumer.title}: ${problem}`);
}

/** Our packages bring no SDK along. */
async function strayProblems({ installs }: Consumer, dir: string): Promise<string[]> {
  const present = await readdir(join(dir, "node_modules", "@modelcontextprotocol")).catch(() => []);
  if (installs.length > 0) return present.length > 0 ? [] : ["the SDK is not there"];
  return present.map((name) => `pulls in @modelcontextprotocol/${name}`);
}

async function compileProblems(dir: string, entries: readonly string[]): Promise<string[]> {
  const lines = entries.map(
    (name, index) => `import * as entry${index} from "${name}";\nexport { entry${index} };`,
  );
  await writeFile(join(dir, "consumer.ts"), `${lines.join("\n")}\n`);
  const problems: string[] = [];
  for (const resolution of RESOLUTIONS) {
    const compilerOptions = {
      ...resolution,
      target: "es2023",
      lib: ["ES2023", "ESNext.Disposable", "DOM", "DOM.Iterable", "DOM.AsyncIterable"],
      types: ["node"],
      typeRoots: [join(root, "node_modules/@types")],
      strict: true,
      exactOptionalPropertyTypes: true,
      skipLibCheck: false,
      noEmit: true,
    };
    await writeFile(join(dir, "tsconfig.json"), JSON.stringify({ compilerOptions, files: ["consumer.ts"] }));
    const ended = await run(
      process.execPath,
      [join(root, "node_modules/typescript/bin/tsc"), "-p", dir],
      dir,
    );
    const errors = compilerErrors(ended);
    if (errors.length > 0) problems.push(`tsc, ${resolution.moduleResolution}:\n${errors.join("\n")}`);
  }
  return problems;
}

const LOAD = (entries: readonly string[]) => `
import { createRequire } from "node:module";
const require = createRequire(import.meta.url);
for (const name of ${JSON.stringify(entries)}) {
  const required = Object.keys(require(name)).filter((key) => key !== "__esModule");
  const imported = Object.keys(await import(name));
  if (imported.length === 0) throw new Error(name + " exports nothing");
  if (imported.join() !== required.join()) throw new Error(name + " differs between import() and require()");
}
`;

/** `import()` and `require()` give the same; the process ends by itself and says nothing. */
async function loadProblems(dir: string, entries: readonly string[]): Promise<string[]> {
  await writeFile(join(dir, "load.mjs"), LOAD(entries));
  const ended = await run(
    process.execPath,
    ["--disable-warning=ExperimentalWarning", "load.mjs"],
    dir,
    30_000,
  );
  if (ended.code !== 0) return [`loading failed: ${ended.stderr}`];
  return ended.stdout + ended.stderr === "" ? [] : [`loading prints: ${ended.stdout}${ended.stderr}`];
}
