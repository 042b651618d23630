import { spawn } from "node:child_process";
import { FAULT_PROFILES } from "../faults/profiles";
import { emptyStdioTally, relay } from "../faults/stdio-faults";
import { createRandom } from "../random";
import { appendLine } from "../result/record";

/** What the process is told: one JSON argument. */
export interface KillsRelayConfig {
  readonly seed: number;
  /** Where the processes of each start are written down, so that they can be killed. */
  readonly pidsFile: string;
  readonly command: string;
  readonly args: readonly string[];
}

/** One line of `pidsFile`. */
export interface RelayPids {
  readonly proxy: number;
  readonly server: number;
}

/** Between a client and its stdio server: cuts what passes into other chunks, and ends when either is gone. */
async function main({ seed, pidsFile, command, args }: KillsRelayConfig): Promise<void> {
  const server = spawn(command, args, { stdio: ["pipe", "pipe", "inherit"] });
  server.once("exit", () => process.exit(0));
  appendLine(pidsFile, { proxy: process.pid, server: server.pid ?? 0 } satisfies RelayPids);
  for (const stream of [server.stdin, process.stdout]) stream.on("error", () => server.stdin.destroy());
  const { stdio } = FAULT_PROFILES.default;
  const faults = stdio && { ...stdio, stall: 0 };
  const random = createRandom(seed, process.pid);
  // A pipe that breaks is what the kills are for.
  await Promise.allSettled([
    relay(process.stdin, server.stdin, faults, random, emptyStdioTally()),
    relay(server.stdout, process.stdout, faults, random, emptyStdioTally()),
  ]);
}

void main(JSON.parse(process.argv[2] ?? ""));
