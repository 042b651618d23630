import type { DemoResult, Injected, PathReport } from "./demo-result";
import { formatTable } from "./table";

/** The result for people: what happened, the table, and what is wrong if anything is. */
export function formatReport(result: DemoResult): string {
  const { deliveries, options } = result;
  const differences = [...result.problems, ...result.paths.flatMap((path) => path.differences)];
  return [
    "",
    `${deliveries.posted} deliveries of ${deliveries.kinds} kinds: ${deliveries.recorded} recorded by GitHub, ` +
      `${deliveries.replayed} replays of them (mostly of the types subscribed to), moved to ${options.repos} repositories ` +
      `and other numbers (seed ${options.seed})`,
    `${deliveries.redelivered} redelivered with the same id and taken once; ` +
      `${deliveries.forgedRefused} of ${deliveries.forged} forged ones refused`,
    `${result.emitted} events of all types in one log; every client subscribes to ${result.subscribedTypes.length} types ` +
      `(${result.expected} events) and merges them in log order`,
    `faults: ${formatFaults(result.injected)}`,
    "",
    ...formatTable(HEAD, result.paths.map(row)),
    "",
    ...differences.map((difference) => `  ${difference}`),
    verdict(result),
    "",
  ].join("\n");
}

/** Faults so far, in words. */
export function formatFaults({ http, webhooks, stdio, kills }: Injected): string {
  const tcp = `HTTP ${formatTcp(http)}; webhooks ${formatTcp(webhooks)}`;
  const pipe = `stdio ${stdio.split} split, ${stdio.coalesced} coalesced, ${stdio.stalled} stalls, ${stdio.delayed} delays`;
  return `${tcp}; ${pipe}; ${kills} kill -9`;
}

function formatTcp({ cut, hang, outage, stall, delay }: Injected["http"]): string {
  return `${cut} cut, ${hang} hung, ${outage} outages, ${stall} stalls, ${delay} delays`;
}

const HEAD = [
  "path",
  "SDK",
  "received",
  "out of order",
  "duplicated",
  "lost",
  "altered",
  "gaps",
  "reconnects",
  "p50 ms",
  "p99 ms",
];

function row(path: PathReport): string[] {
  const { latencyMs } = path;
  return [
    path.path,
    path.sdk,
    ...[path.received, path.outOfOrder, path.duplicated, path.lost, path.altered, path.gaps, path.reconnects],
    latencyMs === null ? "-" : latencyMs.p50.toFixed(1),
    latencyMs === null ? "-" : latencyMs.p99.toFixed(1),
  ].map(String);
}

function verdict({ ok, paths, durationMs }: DemoResult): string {
  const seconds = (durationMs / 1_000).toFixed(1);
  if (ok) {
    return `Every path saw the emitter's sequence: 0 out of order, 0 duplicated, 0 lost (${paths.length} paths, ${seconds} s).`;
  }
  const wrong = paths.filter(({ identical }) => !identical).map(({ path }) => path);
  return wrong.length === 0
    ? `FAILED: the run itself (${seconds} s).`
    : `FAILED: not the emitter's sequence on: ${wrong.join(", ")} (${seconds} s).`;
}
