import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { createRandom, pick } from "../random";
import { type KillsMode, type KillsPlan, VICTIMS } from "./plan";
import { runKills } from "./run";

const MODES = Object.keys(VICTIMS) as KillsMode[];

/** Pairs of server and client that understand one another. */
const SDKS = [
  ["v2", "v2"],
  ["v2", "v1"],
  ["v1", "v1"],
] as const;

const HELP = `Usage: node apps/demo/dist/kills.js [flags]

Kills server, proxy, receiver and client at random points, run after run, and compares what each consumer wrote down
with what the emitter did. One line a run; exit code 0 only if nothing is wrong with any.

  --seed N    seed of the first run; each next run has the next (default 1)
  --runs N    how many runs (default 20)
  --kills N   kills of each run (default 5)
  --mode M    ${MODES.join(", ")}; default: one after the other
`;

/** The plan of a run of a campaign: SDKs and window are drawn from the seed, every process of the mode is killed. */
function planOf(seed: number, mode: KillsMode, kills: number): KillsPlan {
  const random = createRandom(seed, "plan");
  const [serverSdk, clientSdk] = pick(random, SDKS);
  return {
    seed,
    mode,
    serverScript: fileURLToPath(new URL("../../everything/dist/main.js", import.meta.url)),
    serverSdk,
    clientSdk,
    victims: VICTIMS[mode],
    kills,
    window: pick(random, [0, 16]),
  };
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      seed: { type: "string", default: "1" },
      runs: { type: "string", default: "20" },
      kills: { type: "string", default: "5" },
      mode: { type: "string" },
      help: { type: "boolean" },
    },
  });
  if (values.help === true) {
    process.stdout.write(HELP);
    return 0;
  }
  const modes = MODES.filter((mode) => values.mode === undefined || mode === values.mode);
  if (modes.length === 0) throw new Error(`--mode takes ${MODES.join(", ")}, not "${values.mode}"`);
  let wrong = 0;
  for (let run = 0; run < Number(values.runs); run += 1) {
    const mode = modes[run % modes.length] as KillsMode;
    const { problems, ...result } = await runKills(
      planOf(Number(values.seed) + run, mode, Number(values.kills)),
    );
    process.stdout.write(`${JSON.stringify({ seed: Number(values.seed) + run, mode, ...result })}\n`);
    for (const problem of problems) process.stdout.write(`  ${problem}\n`);
    if (problems.length > 0) wrong += 1;
  }
  return wrong === 0 ? 0 : 1;
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    process.stderr.write(`kills: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(2);
  },
);
