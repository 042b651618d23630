import { mkdtemp, rm } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { CONFIGURATIONS, CONTROLS, type Configuration, type Control } from "./cases";
import { type Checked, check } from "./spin";

// Checks the model of the webhook path: every configuration has to hold, every control has to break what it names.
// Prints a table, and the trail of whatever came out otherwise; exits 1 when anything did. docs/formal.md says more.

interface Case {
  readonly name: string;
  readonly configuration: Configuration;
  readonly control?: Control;
}

const USAGE = "formal [--trail] [--faults N] [NAME…]   NAME: a configuration or a control; none: all of them";

function casesOf(names: readonly string[], faults: number | undefined): Case[] {
  const all: Case[] = CONFIGURATIONS.map((configuration) => ({ name: configuration.name, configuration }));
  for (const control of CONTROLS) {
    const configuration = CONFIGURATIONS.find(({ name }) => name === control.on);
    if (configuration === undefined) throw new Error(`${control.name}: no configuration ${control.on}`);
    all.push({ name: control.name, configuration, control });
  }
  const unknown = names.filter((name) => !all.some((one) => one.name === name));
  if (unknown.length > 0) throw new Error(`nothing is called ${unknown.join(", ")}`);
  const chosen = names.length === 0 ? all : all.filter(({ name }) => names.includes(name));
  if (faults === undefined) return chosen;
  if (!(faults >= 0 && faults < 256)) throw new Error("--faults takes a number from 0 to 255");
  return chosen.map((one) => ({ ...one, configuration: { ...one.configuration, faults } }));
}

function row(cells: readonly (string | number)[]): string {
  const widths = [24, 7, 7, 11, 6, 8];
  const padded = cells.map((cell, index) => {
    const width = widths[index] ?? 0;
    return index === 0 ? String(cell).padEnd(width) : String(cell).padStart(width);
  });
  return `${padded.slice(0, 6).join(" ")}  ${cells[6] ?? ""}`.trimEnd();
}

function report({ name, configuration, control }: Case, checked: Checked, trails: boolean): boolean {
  const { states, depth, seconds, violated, trail } = checked;
  const expected = control?.breaks;
  const isRight = violated === expected;
  const outcome = violated === undefined ? "holds" : `breaks ${violated}`;
  const result = isRight ? outcome : `${outcome}, DIFFERS: expected ${expected ?? "to hold"}`;
  const { events, faults } = configuration;
  console.log(row([name, events, faults, states, depth, seconds.toFixed(1), result]));
  if (trail.length > 0 && (trails || !isRight)) for (const line of trail) console.log(`    ${line}`);
  return isRight;
}

async function checkAll(cases: readonly Case[], folder: string, trails: boolean): Promise<number> {
  const weight = ({ configuration: { events, faults, window } }: Case) => events * faults * (window + 1);
  // The longest first, so that none is left alone at the end.
  const waiting = [...cases.entries()].sort(([, a], [, b]) => weight(b) - weight(a));
  let wrong = 0;
  const worker = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const [index, one] = next;
      const own = join(folder, String(index));
      try {
        const checked = await check(own, one.configuration, one.control);
        if (!report(one, checked, trails)) wrong += 1;
      } catch (error) {
        wrong += 1;
        console.log(`${one.name}: ${error instanceof Error ? error.message : String(error)}`);
      }
      await rm(own, { recursive: true, force: true });
    }
  };
  await Promise.all(Array.from({ length: Math.min(2, availableParallelism()) }, worker));
  return wrong;
}

const { values, positionals } = parseArgs({
  args: process.argv.slice(2).filter((argument) => argument !== "--"),
  allowPositionals: true,
  options: { trail: { type: "boolean" }, faults: { type: "string" }, help: { type: "boolean" } },
});
if (values.help === true) console.log(USAGE);
else {
  const started = performance.now();
  const faults = values.faults === undefined ? undefined : Number.parseInt(values.faults, 10);
  const cases = casesOf(positionals, faults);
  const folder = await mkdtemp(join(tmpdir(), "formal-"));
  try {
    console.log(row(["", "events", "faults", "states", "depth", "seconds", "result"]));
    const wrong = await checkAll(cases, folder, values.trail === true);
    const seconds = ((performance.now() - started) / 1_000).toFixed(0);
    console.log(`${cases.length} checks in ${seconds} s: ${wrong} not as expected`);
    process.exitCode = wrong > 0 ? 1 : 0;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
