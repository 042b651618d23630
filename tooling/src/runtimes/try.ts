import { join } from "node:path";
import { run } from "../publish/run";
import type { Program, Runtime } from "./runtimes";
import { PROGRAMS, RUNTIMES, WORKERD } from "./runtimes";
import { runInWorker } from "./worker";

/** How one program went on one runtime. */
export interface Outcome {
  runtime: string;
  program: Program;
  /** What the documentation says of it: `yes`, `no`, or what it needs. */
  verdict: string;
  /** What went otherwise than it should. */
  problem?: string | undefined;
}

/** Runs every program on every runtime, in the application that they were copied into; the runtimes side by side. */
export async function tryAll(application: string, modules: string): Promise<Outcome[]> {
  const attempts = [
    ...RUNTIMES.map((runtime) => (program: Program) => tryOn(runtime, application, modules, program)),
    (program: Program) => tryInWorker(application, modules, program),
  ];
  const outcomes = await Promise.all(attempts.map(inTurn));
  return outcomes.flat();
}

async function inTurn(attempt: (program: Program) => Promise<Outcome>): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const program of Object.keys(PROGRAMS) as Program[]) outcomes.push(await attempt(program));
  return outcomes;
}

async function tryOn(
  { title, start, refuses }: Runtime,
  application: string,
  modules: string,
  program: Program,
): Promise<Outcome> {
  const [command, ...args] = [join(modules, start[0]), ...start.slice(1)];
  const ended = await run(command, [...args, "main.js", program, command, ...args], application, 60_000);
  const output = ended.stdout + ended.stderr;
  const refusal = refuses?.[program];
  if (refusal !== undefined) {
    const refused = ended.code !== 0 && output.includes(refusal);
    const problem = refused ? undefined : `did not refuse with "${refusal}":\n${output}`;
    return { runtime: title, program, verdict: "no", problem };
  }
  const passed = ended.code === 0 && ended.stdout === `${program}: ok\n`;
  return { runtime: title, program, verdict: "yes", problem: passed ? undefined : output };
}

async function tryInWorker(application: string, modules: string, program: Program): Promise<Outcome> {
  const runtime = WORKERD.title;
  const flags = WORKERD.runs[program];
  if (flags === undefined) return { runtime, program, verdict: "–" };
  const verdict = flags.length === 0 ? "yes" : `with ${flags.map((flag) => `\`${flag}\``).join(", ")}`;
  return { runtime, program, verdict, problem: await runInWorker(application, modules, program) };
}
