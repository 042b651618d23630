import {
  type Clock,
  EventsError,
  type Logger,
  silentLogger,
  sleep,
  WireError,
  waitingClock,
} from "@mcp-events/protocol";
import { readTaskState, type TaskState } from "../task-state";
import { FOLLOW_DEFAULTS, type FollowTaskOptions, readCreated, requireFollowOptions } from "./options";
import { SourceWatch } from "./source-watch";
import { StateQueue } from "./state-queue";
import { isUnknownMethod, mcpTaskReader, type TaskReader } from "./task-reader";
import { TaskTimeline } from "./task-timeline";

/** Shortest wait between two requests when events hint that something happened, in milliseconds. */
const MIN_POLL_MS = 1_000;

/** Shortest interval that a task may ask for, in milliseconds: some say 0. */
const MIN_INTERVAL_MS = 100;

/** A task that is followed to its end: iterate over it for its states, the last of which is terminal. */
export interface TaskFollower extends AsyncIterable<TaskState>, AsyncDisposable {
  readonly taskId: string;
  /** The latest state. */
  readonly state: TaskState;
  /**
   * What the task came to: waits for its end, iterated over or not, and asks `tasks/result`.
   *
   * @throws WireError when the server has no result, as for a task that was cancelled; what ended the iterator; EventsError `closed`.
   */
  result(): Promise<unknown>;
  /** Stops following; the task itself goes on. Idempotent. */
  close(): Promise<void>;
}

/** {@link TaskFollower} from a subscription and `tasks/get`. */
export class FollowedTask implements TaskFollower {
  readonly taskId: string;
  readonly #timeline: TaskTimeline;
  readonly #states = new StateQueue<TaskState>();
  readonly #reader: TaskReader;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #closed = new AbortController();
  readonly #source: SourceWatch | undefined;
  readonly #done: Promise<void>;
  #wait = new AbortController();
  #hinted = false;
  #askedAt: number;
  #failures = 0;
  /** Why `tasks/get` is not asked any more. */
  #unaskable: unknown;

  constructor(private readonly options: FollowTaskOptions) {
    requireFollowOptions(options);
    const { task, eventSource } = readCreated(options.created);
    const { mcp } = options;
    this.taskId = task.taskId;
    this.#timeline = new TaskTimeline(task);
    this.#reader = "getTask" in mcp && "getResult" in mcp ? mcp : mcpTaskReader(mcp as { request: never });
    this.#clock = options.clock ?? waitingClock;
    this.#logger = options.logger ?? silentLogger;
    this.#askedAt = this.#clock.now();
    this.#states.push(task);
    if (eventSource !== undefined && !this.#timeline.isOver) {
      const news = {
        state: (state: TaskState) => this.#take(this.#timeline.fromEvent(state)),
        hint: () => this.#hint(),
      };
      this.#source = new SourceWatch(options, this.taskId, eventSource, news, this.#logger);
    }
    this.#done = this.#run();
    this.#done.catch(() => {});
  }

  get state(): TaskState {
    return this.#timeline.current;
  }

  [Symbol.asyncIterator](): AsyncIterator<TaskState, undefined> {
    return { next: () => this.#states.next() };
  }

  async result(): Promise<unknown> {
    await this.#done;
    if (!this.#timeline.isOver) throw new EventsError("closed", "the task is not followed any more");
    return this.#reader.getResult(this.taskId, this.#closed.signal);
  }

  async close(): Promise<void> {
    this.#closed.abort();
    this.#wait.abort();
    await this.#done.catch(() => {});
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  // ------------------------------------------------------------------ one line of states

  async #run(): Promise<void> {
    try {
      while (this.#goesOn) {
        await this.#untilDue();
        if (this.#goesOn) await this.#ask();
      }
      this.#states.end();
    } catch (error) {
      this.#states.end(error);
      throw error;
    } finally {
      await this.#source?.close();
    }
  }

  get #goesOn(): boolean {
    return !this.#timeline.isOver && !this.#closed.signal.aborted;
  }

  #take(state: TaskState | undefined): void {
    if (state === undefined) return;
    this.#states.push(state);
    if (this.#timeline.isOver) this.#wait.abort();
  }

  #hint(): void {
    this.#hinted = true;
    this.#wait.abort();
  }

  // ------------------------------------------------------------------ tasks/get

  /** Milliseconds between two requests while no events come. */
  get #intervalMs(): number {
    const { pollMs } = this.options;
    return pollMs ?? Math.max(MIN_INTERVAL_MS, this.state.pollInterval ?? FOLLOW_DEFAULTS.pollMs);
  }

  /** Waits until `tasks/get` is to be asked. How the subscription fares is looked at again after an interval. */
  async #untilDue(): Promise<void> {
    for (;;) {
      if (this.#unaskable !== undefined) {
        if (this.#source?.open !== true) throw this.#unaskable;
        await this.#sleep(this.#intervalMs);
      } else {
        const left = this.#dueAt() - this.#clock.now();
        if (left <= 0) return;
        await this.#sleep(Math.min(left, this.#intervalMs));
      }
      if (!this.#goesOn) return;
    }
  }

  #dueAt(): number {
    const interval = this.#intervalMs;
    const { livePollMs = FOLLOW_DEFAULTS.livePollMs } = this.options;
    if (this.#hinted) return this.#askedAt + Math.min(interval, MIN_POLL_MS);
    return this.#askedAt + (this.#source?.live === true ? Math.max(interval, livePollMs) : interval);
  }

  async #sleep(ms: number): Promise<void> {
    if (this.#wait.signal.aborted) this.#wait = new AbortController();
    await sleep(this.#clock, ms, this.#wait.signal);
  }

  async #ask(): Promise<void> {
    const { mark } = this.#timeline;
    this.#hinted = false;
    this.#askedAt = this.#clock.now();
    try {
      const answer = readTaskState(await this.#reader.getTask(this.taskId, this.#closed.signal), this.taskId);
      if (answer === undefined)
        throw new EventsError("transport_failed", "tasks/get: the answer is not the task");
      this.#failures = 0;
      this.#take(this.#timeline.fromAnswer(answer, mark));
    } catch (error) {
      this.#failed(error);
    }
  }

  /** One failure is none; that the server does not know the task, or not the method, is what it says. */
  #failed(error: unknown): void {
    if (!this.#goesOn) return;
    this.#failures += 1;
    this.#logger.debug("tasks/get failed", { taskId: this.taskId, failures: this.#failures, error });
    if (isUnknownMethod(error)) {
      this.#unaskable = error;
      return;
    }
    if (WireError.is(error) && !error.retryable) throw error;
    const { maxFailures = FOLLOW_DEFAULTS.maxFailures } = this.options;
    if (this.#failures >= maxFailures && this.#source?.live !== true) throw error;
  }
}
