import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { createRandom } from "../random";
import { readLines } from "../result/record";
import { checkRecord, type RecordResult } from "./check-record";
import { checkTicks } from "./check-ticks";
import { callOverHttp, emitUntilAcknowledged } from "./emitter";
import { drawKills, type KillStep, type KillsPlan } from "./plan";
import { eventsIn, hasReached } from "./progress-of";
import type { ConsumerLine, EmitLine } from "./record-lines";
import { Stage } from "./stage";
import { TIMING } from "./timing";

/** What became of a run. */
export interface KillsResult extends RecordResult {
  /** Kills that were made, in order. */
  readonly killed: readonly string[];
  readonly ticks: number;
  readonly durationMs: number;
}

/** How long a run may take until everything stands again for the last time, in milliseconds. */
const RUN_MS = 60_000;
/** How long is emitted after the last process stands again, in milliseconds. */
const HEALED_MS = 150;
/** How long the consumer may take to get what was emitted, in milliseconds. */
const SETTLE_MS = 20_000;
/** How long is listened for repeats at the end, in milliseconds. */
const QUIET_MS = 150;
/** How long is waited for events before a kill, in milliseconds. */
const HANDLED_MS = 2_000;

/**
 * Emits, kills, heals, waits for the consumer, ends every process, and compares the records.
 *
 * @returns what came out; with `problems` in words, empty when nothing is wrong.
 */
export async function runKills(plan: KillsPlan): Promise<KillsResult> {
  const directory = mkdtempSync(join(tmpdir(), "mcp-events-kills-"));
  const started = performance.now();
  const stage = await Stage.of(plan, directory);
  const steps = drawKills(plan, createRandom(plan.seed, "kills"));
  const problems: string[] = [];
  try {
    const over = new AbortController();
    const driven = drive(stage, plan, steps, over);
    const inTime = await Promise.race([driven.then(() => true), sleep(RUN_MS, false, { ref: false })]);
    over.abort();
    if (!inTime) problems.push(`not everything stood again within ${RUN_MS} ms`);
    problems.push(...(await settle(stage)), ...stage.crashes);
    await sleep(QUIET_MS);
  } finally {
    await stage.close();
  }
  const { files, serverStarts } = stage;
  // An ordered handler goes on while the position of what is done is stored; at most the window is under way.
  const unstored = plan.mode === "receiver" ? Math.max(plan.window ?? 0, 1) : 1;
  const expected = { durable: plan.durable !== undefined, serverStarts, unstored };
  const record = checkRecord(
    readLines<EmitLine>(files.emits),
    readLines<ConsumerLine>(files.notes),
    expected,
  );
  const { ticks, problems: tickProblems } = checkTicks(readLines<ConsumerLine>(files.ticks), unstored);
  const all = [...problems, ...record.problems, ...tickProblems];
  if (process.env.KILLS_KEEP === undefined || all.length === 0) rmSync(directory, { recursive: true });
  return {
    ...record,
    problems: all.map((problem) => `${describePlan(plan)}: ${problem}`),
    killed: steps.map(({ victim }) => victim),
    ticks,
    durationMs: Math.round(performance.now() - started),
  };
}

/** What has to be known to do a run again. */
export function describePlan({ mode, seed, victims, serverSdk, clientSdk, window = 0 }: KillsPlan): string {
  const sdks = `server ${serverSdk}, client ${clientSdk}`;
  return `${mode}${window > 0 ? ` (window ${window})` : ""}, kills of ${victims.join(", ")}, ${sdks}, seed ${seed}`;
}

/** @param over - Aborted to end the emitting: here at the end, or by who has waited long enough. */
async function drive(
  stage: Stage,
  plan: KillsPlan,
  steps: readonly KillStep[],
  over: AbortController,
): Promise<void> {
  await stage.start();
  const { emitUrl, files } = stage;
  const emitting =
    emitUrl === undefined
      ? undefined
      : emitUntilAcknowledged(callOverHttp(emitUrl), {
          seed: plan.seed,
          emitsFile: files.emits,
          notesFile: files.notes,
          prefix: "e",
          signal: over.signal,
        });
  const starting = new Map<string, Promise<void>>();
  for (const { victim, afterEvents, afterMs, downMs } of steps) {
    if (afterEvents === undefined) await sleep(afterMs);
    else {
      await Promise.all(starting.values());
      await handled(files.notes, afterEvents);
    }
    const startAgain = await stage.kill(victim);
    await sleep(downMs);
    starting.set(victim, startAgain());
  }
  await Promise.all(starting.values());
  await sleep(HEALED_MS);
  over.abort();
  stage.stopEmitting();
  await emitting;
}

/** Waits until so many more events are handled, for a while at most: whatever keeps them back is no reason not to kill. */
async function handled(file: string, count: number): Promise<void> {
  const goal = eventsIn(file).length + count;
  for (let waited = 0; waited < HANDLED_MS && eventsIn(file).length < goal; waited += TIMING.lookMs) {
    await sleep(TIMING.lookMs);
  }
}

/** Waits until the consumer has what was emitted last, and the tick of now. */
async function settle({ files }: Stage): Promise<string[]> {
  const deadline = performance.now() + SETTLE_MS;
  const tick = Math.floor(Date.now() / TIMING.tickMs);
  while (performance.now() < deadline) {
    await sleep(TIMING.lookMs);
    const emitted = readLines<EmitLine>(files.emits).findLast((line) => line.acknowledged !== undefined);
    if (emitted?.acknowledged === undefined || !hasReached(files.notes, emitted.acknowledged)) continue;
    if ((eventsIn(files.ticks).at(-1)?.n ?? 0) >= tick) return [];
  }
  return [`the consumer did not get everything within ${SETTLE_MS} ms`];
}
