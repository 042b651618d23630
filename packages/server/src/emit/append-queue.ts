import type { Appended, Awaitable, EventLog, NewEntry } from "@mcp-events/ordering";
import { EventsError } from "@mcp-events/protocol";

const MAX_ENTRIES_AT_ONCE = 1_024;

interface Job {
  entries: readonly NewEntry[] | undefined;
  readonly ready: Promise<void> | undefined;
  readonly size: number;
  resolve(appended: readonly Appended[]): void;
  reject(error: unknown): void;
}

/**
 * Appends to one log in the order of the calls, also when an earlier call's entries are ready later than a later
 * call's (ORD-8). What waits is bounded, and appended together.
 */
export class AppendQueue {
  #jobs: Job[] = [];
  #waiting = 0;
  #running: Promise<void> | undefined;
  #appending = false;

  constructor(
    private readonly open: () => Awaitable<EventLog>,
    /** Most entries waiting. */
    private readonly maxWaiting: number,
  ) {}

  /**
   * Appends entries after those of all earlier calls, all or none.
   *
   * @param size - Number of entries.
   * @throws EventsError as `EventLog.append` does; `append_failed` (retryable) when too much waits.
   */
  push(size: number, prepared: Awaitable<readonly NewEntry[]>): Promise<readonly Appended[]> {
    if (this.#waiting + size > this.maxWaiting && this.#waiting > 0) {
      if (prepared instanceof Promise) prepared.catch(() => {});
      return Promise.reject(
        new EventsError(
          "append_failed",
          `emit: ${this.#waiting} events wait to be appended, the most allowed (maxPendingEmits); await emit`,
          { retryable: true },
        ),
      );
    }
    const isIdle = this.#running === undefined && !this.#appending;
    if (isIdle && !(prepared instanceof Promise)) {
      const log = this.open();
      if (!(log instanceof Promise)) return this.#appendNow(log, prepared);
    }
    this.#waiting += size;
    return this.#enqueue(size, prepared);
  }

  /** Resolves when everything pushed before this call is appended or refused, whatever is pushed after it. */
  async fence(): Promise<void> {
    if (this.#running === undefined) return;
    await this.#enqueue(0, []).catch(() => {});
  }

  /** Resolves when everything pushed so far is appended or refused. */
  async idle(): Promise<void> {
    while (this.#running !== undefined) await this.#running;
  }

  #enqueue(size: number, prepared: Awaitable<readonly NewEntry[]>): Promise<readonly Appended[]> {
    return new Promise((resolve, reject) => {
      this.#jobs.push(makeJob(size, prepared, resolve, reject));
      this.#running ??= this.#run();
    });
  }

  /** Appends without a detour, as nothing waits. What is emitted from within, by a `match`, waits for its turn. */
  #appendNow(log: EventLog, entries: readonly NewEntry[]): Promise<readonly Appended[]> {
    this.#appending = true;
    try {
      const appended = log.append(entries);
      if (!(appended instanceof Promise)) return Promise.resolve(appended);
      this.#waiting += entries.length;
      const done = () => {
        this.#waiting -= entries.length;
        return this.#run();
      };
      this.#running = appended.then(done, done);
      return appended;
    } catch (error) {
      return Promise.reject(error);
    } finally {
      this.#appending = false;
    }
  }

  async #run(): Promise<void> {
    while (this.#jobs.length > 0) {
      const first = this.#jobs[0]!;
      if (first.ready !== undefined) await first.ready;
      const jobs = this.#takeReady();
      await this.#append(jobs);
      for (const job of jobs) this.#waiting -= job.size;
    }
    this.#running = undefined;
  }

  #takeReady(): Job[] {
    let count = 0;
    let entries = 0;
    for (const job of this.#jobs) {
      if (count > 0 && (job.entries === undefined || entries + job.size > MAX_ENTRIES_AT_ONCE)) break;
      entries += job.size;
      count += 1;
    }
    return this.#jobs.splice(0, count);
  }

  async #append(jobs: readonly Job[]): Promise<void> {
    const accepted = jobs.filter((job) => job.entries !== undefined);
    const entries = accepted.flatMap((job) => job.entries!);
    if (accepted.length === 0) return;
    try {
      const log = await this.open();
      const appended = entries.length === 0 ? [] : await log.append(entries);
      let from = 0;
      for (const job of accepted) {
        job.resolve(appended.slice(from, from + job.size));
        from += job.size;
      }
    } catch (error) {
      if (accepted.length === 1 || !nothingWasAppended(error)) {
        for (const job of accepted) job.reject(error);
        return;
      }
      for (const job of accepted) await this.#append([job]);
    }
  }
}

/** Entries of a job are `undefined` until they are ready, and stay so when they were refused. */
function makeJob(
  size: number,
  prepared: Awaitable<readonly NewEntry[]>,
  resolve: Job["resolve"],
  reject: Job["reject"],
): Job {
  if (!(prepared instanceof Promise)) return { entries: prepared, ready: undefined, size, resolve, reject };
  const job: Job = {
    entries: undefined,
    size,
    resolve,
    reject,
    ready: prepared.then((entries) => {
      job.entries = entries;
    }, reject),
  };
  return job;
}

function nothingWasAppended(error: unknown): boolean {
  return EventsError.is(error) && error.code === "event_id_conflict";
}
