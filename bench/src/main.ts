import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { benches } from "./benches";
import { type Report, runBench } from "./harness";
import { plot } from "./plot";
import { table } from "./table";

/** Time for the rounds of one bench, so that all of them together end in ten minutes. */
const BUDGET_MS = 12_000;

const HELP = `bench [name …] [--rounds N] [--json] [--plot FILE] [--list] [--help]

Runs benches; without names, all. The figures go to stdout, progress to stderr.

  --rounds N  rounds to measure; default: 5, or as many as fit in ${BUDGET_MS / 1000} s
  --json      one JSON document instead of tables
  --plot FILE writes an SVG of how costs grow with subscriptions, payloads and keys
  --list      the names

names: ${Object.keys(benches).join(", ")}
`;

interface Arguments {
  readonly names: readonly string[];
  readonly rounds: number | undefined;
  readonly json: boolean;
  readonly plot: string | undefined;
}

/** What to run; a number is the exit code when there is nothing to run. */
function readArguments(): Arguments | number {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      json: { type: "boolean", default: false },
      list: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
      rounds: { type: "string" },
      plot: { type: "string" },
    },
  });
  const names = Object.keys(benches);
  if (values.help || values.list) {
    process.stdout.write(values.help ? HELP : `${names.join("\n")}\n`);
    return 0;
  }
  const unknown = positionals.filter((name) => !names.includes(name));
  const rounds = values.rounds === undefined ? undefined : Number(values.rounds);
  if (unknown.length > 0 || (rounds !== undefined && !(Number.isInteger(rounds) && rounds >= 1))) {
    process.stderr.write(unknown.length > 0 ? `unknown: ${unknown.join(", ")}\n\n${HELP}` : HELP);
    return 2;
  }
  return {
    names: positionals.length > 0 ? positionals : names,
    rounds,
    json: values.json,
    plot: values.plot,
  };
}

async function run({ names, rounds, json, plot: file }: Arguments): Promise<void> {
  const reports: Report[] = [];
  for (const [index, name] of names.entries()) {
    const progress = (text: string) =>
      void process.stderr.write(`[${index + 1}/${names.length}] ${name}: ${text}\n`);
    const budgetMs = rounds === undefined ? BUDGET_MS : undefined;
    const report = await runBench(benches[name]!, { rounds, budgetMs, progress });
    reports.push(report);
    if (!json) process.stdout.write(`${table(report)}\n`);
  }
  if (file !== undefined) writeFileSync(file, plot(reports));
  if (json) process.stdout.write(`${JSON.stringify({ node: process.version, reports }, null, 2)}\n`);
}

async function main(): Promise<number> {
  try {
    const given = readArguments();
    if (typeof given === "number") return given;
    await run(given);
    return 0;
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  }
}

process.exitCode = await main();
