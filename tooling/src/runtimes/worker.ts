import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { build } from "esbuild";
import { run } from "../publish/run";
import { type Program, WORKERD } from "./runtimes";

/**
 * Runs a program as the test of a Worker: bundled as for Workers, in workerd, with no more of Node than its flags give.
 *
 * @returns what went wrong, or `undefined`.
 */
export async function runInWorker(
  application: string,
  modules: string,
  program: Program,
): Promise<string | undefined> {
  const flags = WORKERD.runs[program] ?? [];
  const dir = join(application, `worker-${program}`);
  await mkdir(dir);
  try {
    await bundle(application, program, join(dir, "worker.js"), flags.includes("nodejs_compat"));
  } catch (error) {
    return String(error);
  }
  await writeFile(join(dir, "config.capnp"), config(flags));
  const ended = await run(join(modules, WORKERD.command), ["test", "config.capnp"], dir, 60_000);
  const passed = ended.code === 0 && ended.stdout.includes(`${program}: ok`);
  return passed ? undefined : ended.stdout + ended.stderr;
}

async function bundle(
  application: string,
  program: Program,
  outfile: string,
  hasNode: boolean,
): Promise<void> {
  const contents = `
    import { run } from "./${program}.js";
    export default { async test() { await run(); console.log("${program}: ok"); } };
  `;
  await build({
    stdin: { contents, resolveDir: application },
    outfile,
    bundle: true,
    platform: "browser",
    conditions: ["workerd", "worker"],
    format: "esm",
    target: "es2023",
    logLevel: "silent",
    external: hasNode ? ["node:*"] : [],
  });
}

const config = (flags: readonly string[]) => `
using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (services = [(name = "main", worker = .main)]);
const main :Workerd.Worker = (
  modules = [(name = "worker.js", esModule = embed "worker.js")],
  compatibilityDate = "2026-01-01",
  compatibilityFlags = ${JSON.stringify(flags)},
);
`;
