import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import { addCoverage, type Coverage, FAULT_KINDS, type FaultKind } from "../kernel/faults";
import type { BatchResult } from "./batch";
import type { StormOptions } from "./options";

/** What a storm gave. */
export interface StormResult {
  readonly runs: number;
  readonly events: number;
  readonly virtualMs: number;
  readonly tookMs: number;
  readonly coverage: Coverage;
  readonly failures: BatchResult["failures"];
  /** Kinds of faults that were never injected. */
  readonly missing: readonly FaultKind[];
}

/** Runs of one message to a thread. */
const BATCH = 20;
/** A storm of fewer runs need not meet every kind of fault. */
export const COVERING_RUNS = 1_000;
/** Failures after which a storm ends. */
const MAX_FAILURES = 5;

/** Runs many seeds in several threads, until all are run, time is up, or enough failed. */
export async function storm(
  options: StormOptions,
  workerFile: URL,
  onProgress: (sofar: { runs: number; events: number; failures: number }) => void,
): Promise<StormResult> {
  const started = performance.now();
  const until = options.minutes === undefined ? undefined : started + options.minutes * 60_000;
  const coverage: Coverage = {};
  const failures: { seed: number; violations: readonly string[] }[] = [];
  let next = options.from;
  let runs = 0;
  let events = 0;
  let virtualMs = 0;
  const isOver = () => {
    if (failures.length >= MAX_FAILURES) return true;
    return until === undefined ? next >= options.from + options.runs : performance.now() >= until;
  };
  const take = (result: BatchResult) => {
    runs += result.runs;
    events += result.events;
    virtualMs += result.virtualMs;
    addCoverage(coverage, result.coverage);
    failures.push(...result.failures);
    onProgress({ runs, events, failures: failures.length });
  };
  const work = async () => {
    const worker = new Worker(workerFile, { workerData: { control: options.control } });
    try {
      while (!isOver()) {
        const left = until === undefined ? options.from + options.runs - next : BATCH;
        const count = Math.min(BATCH, left);
        const from = next;
        next += count;
        take(await batch(worker, from, count));
      }
    } finally {
      await worker.terminate();
    }
  };
  const workers = options.workers ?? availableParallelism();
  await Promise.all(Array.from({ length: workers }, work));
  failures.sort((a, b) => a.seed - b.seed);
  const missing = FAULT_KINDS.filter((kind) => (coverage[kind] ?? 0) === 0);
  return { runs, events, virtualMs, tookMs: performance.now() - started, coverage, failures, missing };
}

function batch(worker: Worker, from: number, count: number): Promise<BatchResult> {
  return new Promise((resolve, reject) => {
    const end = () => {
      worker.off("message", onMessage);
      worker.off("error", onError);
    };
    const onMessage = (result: BatchResult) => {
      end();
      resolve(result);
    };
    const onError = (error: unknown) => {
      end();
      reject(new Error(`the runs ${from} … ${from + count - 1} broke off`, { cause: error }));
    };
    worker.on("message", onMessage);
    worker.on("error", onError);
    worker.postMessage({ from, count });
  });
}
