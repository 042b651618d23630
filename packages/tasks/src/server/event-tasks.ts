import { type Clock, type Logger, silentLogger, sleep, waitingClock } from "@mcp-events/protocol";
import type { Caller, EventHandle } from "@mcp-events/server";
import type { TaskEventSource } from "../event-source";
import { isTerminal, stateOf, type TaskProgress, type TaskState } from "../task-state";
import { taskStatus } from "../task-status";
import type { EventTasks, EventTasksOptions } from "./options";
import { TaskRecords } from "./task-records";
import { type TaskChanges, type TaskStoreLike, withChanges } from "./task-store";
import { TaskTurns } from "./task-turns";

/**
 * Makes the changes of tasks events. The store it gives does what the given one does, in the same order for each task;
 * an event that cannot be emitted is logged, and never makes a task fail or wait. Creating a task waits for the log's
 * position, for a second at most.
 *
 * @throws EventsError as `register` does.
 */
export function eventTasks<Store extends TaskStoreLike>(
  options: EventTasksOptions<Store>,
): EventTasks<Store> {
  const emitting = new EmittingTasks(options);
  return {
    store: withChanges(options.store, emitting),
    eventSource: ({ taskId }) => emitting.eventSource(taskId),
    progress: (taskId, progress) => emitting.progress(taskId, progress),
    flush: () => emitting.flush(),
  };
}

/** Longest wait of a task's creation for its initial cursor, in milliseconds. */
const CURSOR_MS = 1_000;

type Id = { readonly taskId: string };

class EmittingTasks implements TaskChanges {
  readonly #store: TaskStoreLike;
  readonly #logger: Logger;
  readonly #clock: Clock;
  readonly #authorize: EventTasksOptions<TaskStoreLike>["authorize"];
  readonly #handle: EventHandle<TaskState & Record<string, unknown>, Id>;
  readonly #turns = new TaskTurns();
  readonly #records = new TaskRecords();
  /** The last event of each task that is not in the log yet. */
  readonly #emitting = new Map<string, Promise<void>>();

  constructor(options: EventTasksOptions<TaskStoreLike>) {
    const { store, events, authorize, delivery, log, logger, clock } = options;
    this.#store = store;
    this.#clock = clock ?? waitingClock;
    this.#logger = logger ?? silentLogger;
    this.#authorize = authorize;
    this.#handle = events.register(taskStatus, {
      delivery,
      log,
      orderingKey: ({ taskId }) => taskId,
      match: (task, { taskId }) => task.taskId === taskId,
      authorize: (caller, _name, id) => this.#mayFollow(caller, id),
      isFinished: (caller, _name, id) => this.#isOver(caller, id),
    });
  }

  // ------------------------------------------------------------------ the store's changes

  readonly createTask: TaskChanges["createTask"] = async (params, requestId, request, sessionId) => {
    const initialCursor = await this.#cursor();
    const task = await this.#store.createTask(params, requestId, request, sessionId);
    this.#records.set(task.taskId, { initialCursor, sessionId });
    this.#emit(task);
    // The SDK's own store hands out what it keeps: the answer to the creation would tell of later changes.
    return { ...task };
  };

  readonly storeTaskResult: TaskChanges["storeTaskResult"] = (taskId, status, result, sessionId) =>
    this.#changing(taskId, sessionId, () => this.#store.storeTaskResult(taskId, status, result, sessionId));

  readonly updateTaskStatus: TaskChanges["updateTaskStatus"] = (taskId, status, message, sessionId) =>
    this.#changing(taskId, sessionId, () => this.#store.updateTaskStatus(taskId, status, message, sessionId));

  // ------------------------------------------------------------------ for its user

  eventSource(taskId: string): TaskEventSource {
    const initialCursor = this.#records.get(taskId)?.initialCursor ?? null;
    const source = { name: taskStatus.name, input: { taskId } };
    return initialCursor === null ? source : { ...source, initialCursor };
  }

  progress(taskId: string, progress: TaskProgress): Promise<void> {
    return this.#turns.run(taskId, async () => {
      const task = await this.#store.getTask(taskId, this.#records.get(taskId)?.sessionId);
      if (task === null || isTerminal(task.status)) return;
      this.#records.progressed(taskId, progress);
      this.#emit(task);
    });
  }

  async flush(): Promise<void> {
    await Promise.all(this.#emitting.values());
  }

  // ------------------------------------------------------------------ events

  #changing(taskId: string, sessionId: string | undefined, change: () => Promise<void>): Promise<void> {
    return this.#turns.run(taskId, async () => {
      await change();
      try {
        const task = await this.#store.getTask(taskId, sessionId);
        if (task !== null) this.#emit(task);
      } catch (error) {
        this.#logger.error("a task that changed could not be read; its event is left out", { taskId, error });
      }
    });
  }

  /** Emits a task's state: in the order of the calls, without waiting for the log. */
  #emit(task: TaskState): void {
    const { taskId } = task;
    const state = stateOf({ ...task, progress: this.#records.get(taskId)?.progress });
    const emitting: Promise<void> = this.#put(state).then(() => {
      if (this.#emitting.get(taskId) === emitting) this.#emitting.delete(taskId);
    });
    this.#emitting.set(taskId, emitting);
    if (isTerminal(state.status)) void emitting.then(() => this.#finish(taskId));
  }

  async #put(state: TaskState): Promise<void> {
    try {
      await this.#handle.emit({ ...state });
    } catch (error) {
      this.#logger.error("the event of a task was not emitted", { taskId: state.taskId, error });
    }
  }

  async #finish(taskId: string): Promise<void> {
    try {
      await this.#handle.finish((id) => id.taskId === taskId);
    } catch (error) {
      this.#logger.warn("the subscriptions of a task end later", { taskId, error });
    }
  }

  /** A place before whatever is emitted from now on; `null` when the log does not answer, or not in time. */
  async #cursor(): Promise<string | null> {
    const answered = new AbortController();
    try {
      return await Promise.race([this.#handle.cursor(), this.#late(answered.signal)]);
    } catch (error) {
      this.#logger.warn("a task has no initial cursor", { error });
      return null;
    } finally {
      answered.abort();
    }
  }

  async #late(answered: AbortSignal): Promise<null> {
    await sleep(this.#clock, CURSOR_MS, answered);
    if (!answered.aborted) this.#logger.warn("a task has no initial cursor: the log does not answer");
    return null;
  }

  // ------------------------------------------------------------------ who may, and how long

  /** The question that `tasks/get` asks (TASK-2). */
  async #mayFollow(caller: Caller, { taskId }: Id): Promise<boolean> {
    const task = await this.#store.getTask(taskId, caller.sessionId);
    if (task === null) return false;
    return (await this.#authorize?.(caller, stateOf(task))) ?? true;
  }

  async #isOver({ sessionId }: Caller, { taskId }: Id): Promise<boolean> {
    // In turn: a change that is under way still has its event to emit.
    const task = await this.#turns.run(taskId, () => this.#store.getTask(taskId, sessionId));
    if (task !== null && !isTerminal(task.status)) return false;
    await this.#emitting.get(taskId);
    return true;
  }
}
