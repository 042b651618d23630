#!/usr/bin/env node
import { CONTROLS, controlNamed } from "./controls/index";
import { drawPlan } from "./plan";
import { run } from "./run";
import { failureOf } from "./storm/failure";
import { type Command, HELP, parseCommand, type StormOptions, UsageError } from "./storm/options";
import { formatFailure, formatPlan, formatStorm, unmet } from "./storm/report";
import { storm } from "./storm/storm";

/** Exit codes: all is well, the contract is broken or a fault was never injected, wrong usage. */
const EXIT = { well: 0, broken: 1, usage: 2 } as const;

/** Failures that are printed with their trace. */
const SHOWN = 2;

async function main(): Promise<number> {
  const command: Command = parseCommand(process.argv.slice(2));
  if (command.kind === "help") return say(HELP);
  if (command.kind === "list") {
    return say(CONTROLS.map(({ name, breaks }) => `${name.padEnd(28)} ${breaks}\n`).join(""));
  }
  const { options } = command;
  if (options.control !== undefined && controlNamed(options.control) === undefined) {
    throw new UsageError(`--control: there is no ${options.control}; --list names them`);
  }
  return options.seed === undefined ? runStorm(options) : replay(options.seed, options);
}

/** Runs one seed again, exactly. */
async function replay(seed: number, { control, json }: StormOptions): Promise<number> {
  const plan = drawPlan(seed);
  const result = await run(plan, {
    trace: true,
    control: control === undefined ? undefined : controlNamed(control),
  });
  if (json) say(`${JSON.stringify({ seed, plan, ...result })}\n`);
  else say([...formatPlan(plan), "", ...result.trace, "", ...result.violations, ""].join("\n"));
  return result.violations.length === 0 ? EXIT.well : EXIT.broken;
}

async function runStorm(options: StormOptions): Promise<number> {
  const started = performance.now();
  let told = started;
  const result = await storm(
    options,
    new URL("./worker.js", import.meta.url),
    ({ runs, events, failures }) => {
      if (performance.now() - told < 2_000) return;
      told = performance.now();
      const seconds = Math.round((told - started) / 1_000);
      process.stderr.write(`${seconds} s: ${runs} runs, ${events} events, ${failures} failed\n`);
    },
  );
  const control = options.control === undefined ? undefined : controlNamed(options.control);
  const failures = [];
  for (const { seed } of result.failures.slice(0, SHOWN)) failures.push(await failureOf(seed, control));
  if (options.json) say(`${JSON.stringify({ ...result, failures })}\n`);
  else say(formatStorm(result) + failures.map((one) => `\n${formatFailure(one, control?.name)}`).join(""));
  if (control !== undefined) return caught(control.name, result.failures.length > 0);
  return result.failures.length === 0 && unmet(result).length === 0 ? EXIT.well : EXIT.broken;
}

/** A control that the storm does not catch is the storm's failure. */
function caught(name: string, isCaught: boolean): number {
  process.stderr.write(`${name} was ${isCaught ? "" : "not "}caught\n`);
  return isCaught ? EXIT.well : EXIT.broken;
}

function say(text: string): number {
  process.stdout.write(text);
  return EXIT.well;
}

main().then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    process.stderr.write(`storm: ${error instanceof Error ? error.message : String(error)}\n`);
    if (error instanceof UsageError) process.stderr.write("Try --help.\n");
    else if (error instanceof Error && error.cause !== undefined) process.stderr.write(`${error.cause}\n`);
    process.exitCode = error instanceof UsageError ? EXIT.usage : EXIT.broken;
  },
);
