import { FaultProxy } from "../faults/http-proxy";
import { HttpFaultSchedule } from "../faults/http-schedule";
import { createRandom } from "../random";
import { listening } from "./listening";

/** What the process is told: one JSON argument. */
export interface KillsProxyConfig {
  readonly seed: number;
  /** Ports of 127.0.0.1 that it listens on, and those that it connects to. */
  readonly routes: readonly { readonly port: number; readonly target: number }[];
}

/** Short faults that come often: a run lasts seconds. A hang would only prove how patient the client is. */
const FAULTS = {
  everyBytes: 60_000,
  weights: { delay: 6, stall: 2, cut: 4, hang: 0, outage: 1 },
  delayMs: [2, 30],
  stallMs: [30, 120],
  outageMs: [20, 80],
} as const;

/** The bad network between the processes of a run, in a process of its own. */
async function main({ seed, routes }: KillsProxyConfig): Promise<void> {
  process.once("disconnect", () => process.exit(0));
  for (const { port, target } of routes) {
    const schedule = new HttpFaultSchedule(FAULTS, createRandom(seed, process.pid, port));
    const proxy = await listening(() => FaultProxy.listen(target, schedule, port));
    proxy.arm();
  }
  process.send?.("ready");
}

void main(JSON.parse(process.argv[2] ?? ""));
