import { join } from "node:path";
import { run } from "../publish/run";
import { PROGRAMS, type Program, RUNTIMES, type Runtime, WORKERD } from "./runtimes";
import { runInWorker } from "./worker";

/** What one program did on one runtime otherwise than it should, or `undefined`. */
type Attempt = (program: Program) => Promise<string | undefined>;

/**
 * Runs every program on every runtime, in the application that they were copied into; the runtimes side by side.
 *
 * @returns what went otherwise than the runtimes' descriptions say.
 */
export async function tryAll(application: string, modules: string): Promise<string[]> {
  const all = Object.keys(PROGRAMS) as Program[];
  const inWorker = all.filter((program) => WORKERD.runs[program] !== undefined);
  const problems = await Promise.all([
    ...RUNTIMES.map((runtime) => inTurn(runtime.title, all, attemptOn(runtime, application, modules))),
    inTurn(WORKERD.title, inWorker, (program) => runInWorker(application, modules, program)),
  ]);
  return problems.flat();
}

async function inTurn(title: string, programs: readonly Program[], attempt: Attempt): Promise<string[]> {
  const problems: string[] = [];
  for (const program of programs) {
    const problem = await attempt(program);
    if (problem !== undefined) problems.push(`${title}, ${program}: ${problem}`);
  }
  return problems;
}

function attemptOn({ start, refuses }: Runtime, application: string, modules: string): Attempt {
  const [command, ...args] = [join(modules, start[0]), ...start.slice(1)];
  return async (program) => {
    const ended = await run(command, [...args, "main.js", program, command, ...args], application, 60_000);
    const output = ended.stdout + ended.stderr;
    const refusal = refuses?.[program];
    if (refusal === undefined) {
      return ended.code === 0 && ended.stdout === `${program}: ok\n` ? undefined : output;
    }
    const refused = ended.code !== 0 && output.includes(refusal);
    return refused ? undefined : `did not refuse with "${refusal}":\n${output}`;
  };
}
