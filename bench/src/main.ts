import { parseArgs } from "node:util";
import { benches } from "./benches";
import { type Report, runBench } from "./harness";
import { table } from "./table";

const HELP = `bench [name …] [--rounds N] [--json] [--list]
names: ${Object.keys(benches).join(", ")} (default: all)
`;

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      json: { type: "boolean", default: false },
      list: { type: "boolean", default: false },
      rounds: { type: "string" },
    },
  });
  const unknown = positionals.filter((name) => benches[name] === undefined);
  const rounds = values.rounds === undefined ? undefined : Number(values.rounds);
  if (values.list || unknown.length > 0 || (rounds !== undefined && !(rounds >= 1))) {
    process.stdout.write(HELP);
    return values.list ? 0 : 2;
  }
  const reports: Report[] = [];
  for (const name of positionals.length > 0 ? positionals : Object.keys(benches)) {
    const report = await runBench(benches[name]!, rounds);
    reports.push(report);
    if (!values.json) process.stdout.write(`${table(report)}\n`);
  }
  if (values.json) process.stdout.write(`${JSON.stringify({ node: process.version, reports }, null, 2)}\n`);
  return 0;
}

process.exitCode = await main();
