import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { planKills } from "./clients/kill-plan";
import { readLedger } from "./clients/ledger";
import { RunningPaths } from "./clients/running-paths";
import { FAULT_PROFILES } from "./faults/profiles";
import { planDeliveries } from "./github/deliveries";
import { loadExamples } from "./github/examples";
import { emptyTally, postDeliveries } from "./github/poster";
import { busiestTypes } from "./github/selection";
import type { DemoOptions } from "./options";
import { Progress, type ProgressOutput, type Snapshot } from "./progress";
import { createRandom } from "./random";
import { checkEmitter, checkPath, type PostedDelivery } from "./result/checker";
import type { DemoResult } from "./result/demo-result";
import { digestOf, type Emitted, readLines } from "./result/record";
import { formatFaults } from "./result/report";
import { deadlineMs, PATHS, RUN } from "./run-settings";

/** One run of the demo. */
export class DemoRun {
  readonly #examples = loadExamples();
  readonly #types = busiestTypes(this.#examples, RUN.subscribedTypes);
  readonly #deliveries;
  readonly #expected: number;
  readonly #deadlineMs: number;
  readonly #posted: PostedDelivery[] = [];
  readonly #tally = emptyTally();
  readonly #problems: string[] = [];
  #phase = "starting";

  constructor(private readonly options: DemoOptions) {
    const { seed, events, repos } = options;
    const plan = { count: events, repos, favoured: this.#types, favouredShare: RUN.replaysSubscribed };
    this.#deliveries = planDeliveries(this.#examples, plan, createRandom(seed, "deliveries"));
    this.#deadlineMs = deadlineMs(events, FAULT_PROFILES[options.faults].kills);
    const types = new Set(this.#types);
    this.#expected = this.#deliveries.filter(({ type }) => types.has(type)).length;
  }

  /**
   * Runs, checks and cleans up.
   *
   * @param signal - Ends the run early; what it started is ended, and it rejects.
   */
  async run(output: ProgressOutput, signal: AbortSignal): Promise<DemoResult> {
    const directory = mkdtempSync(join(tmpdir(), "mcp-events-demo-"));
    try {
      return await this.#runIn(directory, output, signal);
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  }

  async #runIn(directory: string, output: ProgressOutput, signal: AbortSignal): Promise<DemoResult> {
    const { seed, faults } = this.options;
    const started = performance.now();
    const { kills } = FAULT_PROFILES[faults];
    const killAfter = planKills(createRandom(seed, "kills"), kills, this.#expected);
    const secret = randomBytes(24).toString("hex");
    const paths = new RunningPaths({ seed, faults, directory, secret, types: this.#types, killAfter });
    const progress = new Progress(output, () => this.#snapshot(paths));
    const deadline = AbortSignal.timeout(this.#deadlineMs);
    const stop = AbortSignal.any([signal, deadline]);
    progress.start();
    try {
      await Promise.race([this.#drive(paths, secret, stop), paths.failed, aborted(stop)]);
    } catch (error) {
      signal.throwIfAborted();
      this.#problems.push(deadline.aborted ? this.#overdue() : `run: ${messageOf(error)}`);
    } finally {
      await paths.close();
      progress.stop();
    }
    return this.#check(paths, performance.now() - started);
  }

  async #drive(paths: RunningPaths, secret: string, signal: AbortSignal): Promise<void> {
    const { seed } = this.options;
    await paths.start();
    paths.armFaults();
    this.#phase = "posting";
    await postDeliveries(
      this.#deliveries,
      {
        url: paths.webhookUrl,
        secret,
        perSecond: RUN.perSecond,
        concurrency: RUN.concurrency,
        redelivered: RUN.redelivered,
        forged: RUN.forged,
        onAccepted: ({ id, type }, body) => this.#posted.push({ id, type, digest: digestOf(body) }),
        random: createRandom(seed, "poster"),
        signal,
      },
      this.#tally,
    );
    this.#phase = "waiting for every path";
    await this.#settle(paths, signal);
  }

  /** Waits until every path has handled what is expected, or handles nothing more; then a little for duplicates. */
  async #settle(paths: RunningPaths, signal: AbortSignal): Promise<void> {
    let handled = -1;
    let changed = performance.now();
    while (paths.paths.some(({ progress }) => progress.handled < this.#expected)) {
      const now = paths.paths.reduce((sum, { progress }) => sum + progress.handled, 0);
      if (now !== handled) {
        handled = now;
        changed = performance.now();
      }
      if (performance.now() - changed > RUN.settleMs) break;
      await sleep(50, undefined, { signal });
    }
    await sleep(RUN.quietMs, undefined, { signal });
  }

  #check(paths: RunningPaths, durationMs: number): DemoResult {
    const all = readLines<Emitted>(paths.recordFile).sort((a, b) => a.call - b.call);
    const types = new Set(this.#types);
    const emitted = all.filter(({ name }) => types.has(name));
    const inOrder = paths.paths.toSorted((a, b) => PATHS.indexOf(a.plan) - PATHS.indexOf(b.plan));
    const reports = inOrder.map(({ plan, ledgerFile, progress }) => {
      const { events, gaps } = readLedger(ledgerFile);
      const { reconnects } = progress;
      return { ...checkPath(plan.label, emitted, events, gaps), sdk: plan.sdk, reconnects };
    });
    const { failures, ...tally } = this.#tally;
    const problems = [...this.#problems, ...failures, ...checkEmitter(this.#posted, all)];
    const { json: _json, ...options } = this.options;
    const posted = this.#deliveries.slice(0, this.#tally.accepted);
    const replayed = posted.filter(({ movedTo }) => movedTo !== undefined).length;
    return {
      ok: problems.length === 0 && reports.length > 0 && reports.every(({ identical }) => identical),
      options,
      deliveries: {
        posted: posted.length,
        recorded: posted.length - replayed,
        replayed,
        kinds: new Set(posted.map(({ kind }) => kind)).size,
        ...tally,
      },
      subscribedTypes: this.#types,
      emitted: all.length,
      expected: emitted.length,
      paths: reports,
      injected: paths.injected,
      problems,
      durationMs: Math.round(durationMs),
    };
  }

  #snapshot(paths: RunningPaths): Snapshot {
    return {
      phase: this.#phase,
      posted: this.#tally.accepted,
      toPost: this.#deliveries.length,
      paths: paths.paths.map(({ plan, progress }) => ({
        label: plan.label,
        expected: this.#expected,
        ...progress,
      })),
      faults: formatFaults(paths.injected),
    };
  }

  #overdue(): string {
    return `run: not done after ${this.#deadlineMs / 1_000} s (while ${this.#phase}), given up; the counts below are what was reached`;
  }
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
