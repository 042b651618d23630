import { spawn } from "node:child_process";
import { FAULT_PROFILES, type FaultProfile } from "./faults/profiles";
import { emptyStdioTally, relay } from "./faults/stdio-faults";
import type { FaultLevel } from "./options";
import { leaveInterruptsToParent } from "./processes";
import { createRandom } from "./random";
import { appendLine } from "./result/record";

/** What the process is told: one JSON argument. */
export interface RelayConfig {
  readonly seed: number;
  readonly faults: FaultLevel;
  /** Where the tally is written at the end. */
  readonly tallyFile: string;
  readonly command: string;
  readonly args: readonly string[];
}

/** Stands between an MCP client and the stdio server it started, and carries their chunks badly. */
async function main(config: RelayConfig): Promise<void> {
  leaveInterruptsToParent();
  const { stdio }: FaultProfile = FAULT_PROFILES[config.faults];
  const server = spawn(config.command, config.args, { stdio: ["pipe", "pipe", "inherit"] });
  const exit = new Promise<number>((resolve) => server.once("exit", (code) => resolve(code ?? 1)));
  const tally = emptyStdioTally();
  for (const stream of [server.stdin, process.stdout]) stream.on("error", () => server.stdin.destroy());
  const there = relay(process.stdin, server.stdin, stdio, createRandom(config.seed, "stdin"), tally);
  const back = relay(server.stdout, process.stdout, stdio, createRandom(config.seed, "stdout"), tally);
  await Promise.race([Promise.allSettled([there, back]), exit]);
  appendLine(config.tallyFile, tally);
  process.exit(await exit);
}

void main(JSON.parse(process.argv[2] ?? ""));
