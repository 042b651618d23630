import type { TaskState, TaskStatus } from "../task-state";

/**
 * A task store of `@modelcontextprotocol/sdk` (`TaskStore` of its `experimental/tasks`), or one of your own with the
 * same methods. Each is given the session of the request that it serves, where there is one.
 */
export interface TaskStoreLike {
  // biome-ignore lint/suspicious/noExplicitAny: handed on as it came
  createTask(params: any, requestId: any, request: any, sessionId?: string): Promise<TaskState>;
  getTask(taskId: string, sessionId?: string): Promise<TaskState | null>;
  storeTaskResult(
    taskId: string,
    status: "completed" | "failed",
    // biome-ignore lint/suspicious/noExplicitAny: as above
    result: any,
    sessionId?: string,
  ): Promise<void>;
  getTaskResult(taskId: string, sessionId?: string): Promise<unknown>;
  updateTaskStatus(
    taskId: string,
    status: TaskStatus,
    statusMessage?: string,
    sessionId?: string,
  ): Promise<void>;
}

/** Methods of a store that change a task. */
export type TaskChanges = Pick<TaskStoreLike, "createTask" | "storeTaskResult" | "updateTaskStatus">;

/** The same store with other methods for what changes a task; all else is the store's own. */
export function withChanges<S extends TaskStoreLike>(store: S, changes: TaskChanges): S {
  const bound = new Map<PropertyKey, unknown>(Object.entries(changes));
  return new Proxy(store, {
    get(target, key) {
      const known = bound.get(key);
      if (known !== undefined) return known;
      const value: unknown = Reflect.get(target, key);
      if (typeof value !== "function") return value;
      // Bound to the store itself, so that its private members are found.
      const method: unknown = value.bind(target);
      bound.set(key, method);
      return method;
    },
  });
}
