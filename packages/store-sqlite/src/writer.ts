import type { Database, Statement } from "better-sqlite3";
import { sqliteCode } from "./failure";

interface Job {
  readonly run: () => unknown;
  readonly resolve: (value: never) => void;
  readonly reject: (error: unknown) => void;
  readonly failureOf: ((error: unknown) => unknown) | undefined;
}

type Outcome = { readonly value: unknown } | { readonly error: unknown };

/** Writes what is asked for in one turn of the event loop in one transaction, in the order asked. */
export class Writer {
  #jobs: Job[] = [];
  #due: NodeJS.Immediate | undefined;
  readonly #begin: Statement;
  readonly #commit: Statement;
  readonly #rollback: Statement;
  readonly #before = new Map<object, () => void>();
  #after: (() => void)[] = [];
  readonly #onRollback = new Set<() => void>();

  constructor(
    private readonly db: Database,
    private readonly failureOf: (error: unknown) => unknown,
  ) {
    this.#begin = db.prepare("BEGIN IMMEDIATE");
    this.#commit = db.prepare("COMMIT");
    this.#rollback = db.prepare("ROLLBACK");
  }

  /**
   * Resolves with what `run` returns once that is committed.
   *
   * @param run - Throws, if at all, before it writes anything: what others wrote in the turn is kept.
   * @param failureOf - Makes of our error of a rolled back transaction the one to throw.
   * @throws what `run` throws; our error for one of SQLite, after which nothing of the turn was written.
   */
  write<T>(run: () => T, failureOf?: (error: unknown) => unknown): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#jobs.push({ run, resolve, reject, failureOf });
      this.#due ??= setImmediate(() => this.flush());
    });
  }

  /** Within a write: runs `fn` before the commit, once for all writes that ask for the same `key`. */
  beforeCommit(key: object, fn: () => void): void {
    this.#before.set(key, fn);
  }

  /** Within a write: runs `fn` after the commit. */
  afterCommit(fn: () => void): void {
    this.#after.push(fn);
  }

  /** Calls `fn` when a transaction was rolled back: what is known of the file has to be read anew. */
  onRollback(fn: () => void): void {
    this.#onRollback.add(fn);
  }

  /** Writes what waits, now. */
  flush(): void {
    clearImmediate(this.#due);
    this.#due = undefined;
    const jobs = this.#jobs;
    this.#jobs = [];
    if (jobs.length === 0) return;
    try {
      this.#begin.run();
      const outcomes = jobs.map(({ run }) => outcomeOf(run));
      for (const fn of this.#before.values()) fn();
      this.#commit.run();
      this.#tell();
      for (const [index, outcome] of outcomes.entries()) settle(jobs[index]!, outcome);
    } catch (error) {
      if (this.db.inTransaction) this.#rollback.run();
      for (const fn of this.#onRollback) fn();
      const failed = this.failureOf(error);
      for (const { reject, failureOf = same } of jobs) reject(failureOf(failed));
    } finally {
      this.#before.clear();
      this.#after = [];
    }
  }

  #tell(): void {
    const after = this.#after;
    this.#after = [];
    for (const fn of after) fn();
  }
}

/** An error of SQLite ends the transaction; any other one is its job's alone. */
function outcomeOf(run: () => unknown): Outcome {
  try {
    return { value: run() };
  } catch (error) {
    if (sqliteCode(error) !== undefined) throw error;
    return { error };
  }
}

function settle({ resolve, reject }: Job, outcome: Outcome): void {
  if ("error" in outcome) reject(outcome.error);
  else resolve(outcome.value as never);
}

const same = (error: unknown): unknown => error;
