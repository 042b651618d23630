import { cp, mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { run, runOrThrow } from "../tooling/src/publish/run";
import type { Configuration, Control, Property } from "./cases";

/** How one check ended. */
export interface Checked {
  /** Distinct states that were stored. */
  readonly states: number;
  /** Steps of the longest path. */
  readonly depth: number;
  /** Of the verifier itself, in seconds. */
  readonly seconds: number;
  /** What was violated; `undefined`: nothing, and no state was left out. */
  readonly violated: Property | undefined;
  /** What happened on the way there, one line a step. */
  readonly trail: readonly string[];
}

const DEPTH = 100_000;
const MEMORY_MB = 6_000;
const STEP = /^ *(sender|network|receiver|handler) /;

function definitions(configuration: Configuration, control: Control | undefined): string[] {
  const { lanes, window, events, faults, tries, receiver } = configuration;
  const isLivelock = control?.breaks === "ENDS";
  return [
    `-DN=${events}`,
    `-DFAULTS=${faults}`,
    `-DTRIES=${tries}`,
    `-DWINDOW=${window}`,
    "-DCAPACITY=3",
    "-DBUFFER=1",
    ...(lanes === "key" ? ["-DBY_KEY"] : []),
    ...(receiver === undefined ? [] : [`-D${receiver}`]),
    ...(control === undefined ? [] : [`-D${control.name}`]),
    ...(control === undefined || isLivelock
      ? ["-DLIVENESS"]
      : [`-DONLY=${control.breaks.replace("-", "_")}`]),
  ];
}

function numberIn(output: string, pattern: RegExp): number {
  const found = pattern.exec(output)?.[1];
  if (found === undefined) throw new Error(`the verifier did not say ${pattern}:\n${output}`);
  return Number(found);
}

/**
 * Looks at every schedule of a configuration, or, with a control, for the shortest way to what it has to break.
 *
 * @param folder - Made, and left to the caller to remove.
 * @throws when a tool fails, or the search was not complete and found nothing.
 */
export async function check(
  folder: string,
  configuration: Configuration,
  control?: Control,
): Promise<Checked> {
  await mkdir(folder, { recursive: true });
  const models = (await readdir(import.meta.dirname)).filter((name) => name.endsWith(".pml"));
  await Promise.all(models.map((name) => cp(join(import.meta.dirname, name), join(folder, name))));
  const defined = definitions(configuration, control);
  const isShortest = control !== undefined && control.breaks !== "ENDS";
  await runOrThrow("spin", [...defined, "-a", "webhook.pml"], folder);
  const search = isShortest ? ["-O0", "-DSAFETY", "-DBFS"] : ["-O1", "-DNOFAIR"];
  await runOrThrow("gcc", ["-w", ...search, `-DMEMLIM=${MEMORY_MB}`, "-o", "pan", "pan.c"], folder);
  const options = isShortest ? [] : ["-a", `-m${DEPTH}`, "-w22"];
  const started = performance.now();
  const { stdout, stderr } = await run("./pan", options, folder);
  const seconds = (performance.now() - started) / 1_000;
  const output = stdout + stderr;
  const errors = numberIn(output, /errors: (\d+)/);
  if (errors === 0 && /not completed|depth too small|out of memory|reached -D?MEMLIM/i.test(output)) {
    throw new Error(`the search was not complete:\n${output}`);
  }
  const states = numberIn(output, /(\S+) states, stored/);
  const depth = numberIn(output, /depth reached (\d+)/);
  if (errors === 0) return { states, depth, seconds, violated: undefined, trail: [] };
  const replayed = await run("spin", [...defined, "-t", "-T", "-B", "webhook.pml"], folder);
  return { states, depth, seconds, ...readTrail(replayed.stdout, output) };
}

function readTrail(replayed: string, output: string): Pick<Checked, "violated" | "trail"> {
  const lines = replayed.split("\n");
  const trail = lines
    .filter((line) => STEP.test(line) || line.includes("START OF CYCLE"))
    .map((line) => (line.includes("START OF CYCLE") ? "from here again and again:" : line.trim()));
  if (output.includes("acceptance cycle")) return { violated: "ENDS", trail };
  const violated = /VIOLATED (\w+)/.exec(replayed)?.[1]?.replace("_", "-");
  if (violated === undefined) throw new Error(`an error without a property:\n${output}\n${replayed}`);
  return { violated: violated as Property, trail };
}
