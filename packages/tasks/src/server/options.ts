import type { Clock, Logger } from "@mcp-events/protocol";
import type { Caller, EventServer, RegisterOptions } from "@mcp-events/server";
import type { TaskEventSource } from "../event-source";
import type { TaskProgress, TaskState } from "../task-state";
import type { TaskStoreLike } from "./task-store";

/** Options of `eventTasks`. */
export interface EventTasksOptions<Store extends TaskStoreLike> {
  /** Where tasks are kept. */
  readonly store: Store;
  /** Where their events are registered, as `task.status`. */
  readonly events: Pick<EventServer, "register">;
  /**
   * Whether a caller may also follow a task that the store finds for its session, which is all that `tasks/get` asks;
   * default: yes. For servers whose sessions do not say who somebody is.
   */
  readonly authorize?: ((caller: Caller, task: TaskState) => boolean | Promise<boolean>) | undefined;
  /** Modes offered; default: all that the event server has. */
  readonly delivery?: RegisterOptions["delivery"];
  /** Name of the log; default `events`. */
  readonly log?: string | undefined;
  /** Default: says nothing. */
  readonly logger?: Logger | undefined;
  /** Default: the machine's own time. */
  readonly clock?: Clock | undefined;
}

/** Tasks whose changes are events; made by `eventTasks`. */
export interface EventTasks<Store extends TaskStoreLike> {
  /** The store to give to the MCP server, and to use for every change: what goes past it makes no event. */
  readonly store: Store;
  /** `eventSource` of the task's create-task result (TASK-1). */
  eventSource(task: Pick<TaskState, "taskId">): TaskEventSource;
  /**
   * Reports progress; later events of the task carry it too. Nothing happens when the task is over, or is not known.
   *
   * @throws what the store's `getTask` throws.
   */
  progress(taskId: string, progress: TaskProgress): Promise<void>;
  /** Resolves when the events of everything that happened before are in the log, or were refused by it. */
  flush(): Promise<void>;
}
