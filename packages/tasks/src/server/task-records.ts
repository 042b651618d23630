import type { TaskProgress } from "../task-state";

/** Most tasks that are remembered; the one that was used longest ago is forgotten first. */
const MAX_RECORDS = 10_000;

/** What a task's store does not keep of it. */
export interface TaskRecord {
  /** A place before its first event; `null` when it is not known. */
  readonly initialCursor: string | null;
  /** The session that created it. */
  readonly sessionId: string | undefined;
  readonly progress?: TaskProgress | undefined;
}

/** What is remembered of the tasks that this process created. */
export class TaskRecords {
  readonly #records = new Map<string, TaskRecord>();

  get(taskId: string): TaskRecord | undefined {
    return this.#records.get(taskId);
  }

  set(taskId: string, record: TaskRecord): void {
    this.#records.delete(taskId);
    this.#records.set(taskId, record);
    if (this.#records.size <= MAX_RECORDS) return;
    const [oldest] = this.#records.keys();
    this.#records.delete(oldest!);
  }

  /** Notes how far a task has come. */
  progressed(taskId: string, progress: TaskProgress): void {
    const unknown: TaskRecord = { initialCursor: null, sessionId: undefined };
    this.set(taskId, { ...unknown, ...this.get(taskId), progress });
  }
}
