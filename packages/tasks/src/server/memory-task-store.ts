import { type Clock, systemClock } from "@mcp-events/protocol";
import { isTerminal, type TaskState } from "../task-state";
import type { TaskStoreLike } from "./task-store";

/** Options of {@link memoryTaskStore}. */
export interface MemoryTaskStoreOptions {
  /** How often to ask for a task, in milliseconds, where its creation does not say; default 1,000. */
  readonly pollInterval?: number | undefined;
  /** How long a task is kept after its last change, in milliseconds, where its creation does not say; default one hour. */
  readonly ttl?: number | undefined;
  /** Default: the machine's own time. */
  readonly clock?: Clock | undefined;
}

interface Kept {
  task: TaskState;
  readonly sessionId: string | undefined;
  result?: unknown;
}

/**
 * Keeps tasks in memory, for servers whose SDK brings no store. A task that was created in a session is found in that
 * session only. Ids are random; the tasks whose time is over are let go when the next one is created.
 */
export function memoryTaskStore(options: MemoryTaskStoreOptions = {}): TaskStoreLike {
  const clock = options.clock ?? systemClock;
  const kept = new Map<string, Kept>();
  const now = () => new Date(clock.now()).toISOString();
  const isExpired = ({ task: { lastUpdatedAt, ttl } }: Kept) =>
    typeof ttl === "number" && Date.parse(lastUpdatedAt) + ttl <= clock.now();
  const find = (taskId: string, sessionId: string | undefined) => {
    const found = kept.get(taskId);
    if (found === undefined || isExpired(found)) return undefined;
    const elsewhere =
      sessionId !== undefined && found.sessionId !== undefined && sessionId !== found.sessionId;
    return elsewhere ? undefined : found;
  };
  const require = (taskId: string, sessionId: string | undefined) => {
    const found = find(taskId, sessionId);
    if (found === undefined) throw new Error(`There is no task ${taskId}`);
    return found;
  };
  const change = (taskId: string, sessionId: string | undefined, changes: Partial<TaskState>) => {
    const found = require(taskId, sessionId);
    if (isTerminal(found.task.status)) throw new Error(`Task ${taskId} is ${found.task.status} already`);
    found.task = { ...found.task, ...changes, lastUpdatedAt: now() };
    return found;
  };
  return {
    async createTask(params, _requestId, _request, sessionId) {
      for (const [id, one] of kept) if (isExpired(one)) kept.delete(id);
      const { ttl = options.ttl ?? 3_600_000, pollInterval = options.pollInterval ?? 1_000 } = params ?? {};
      const createdAt = now();
      const taskId = crypto.randomUUID();
      const task: TaskState = {
        taskId,
        status: "working",
        createdAt,
        lastUpdatedAt: createdAt,
        ttl,
        pollInterval,
      };
      kept.set(taskId, { task, sessionId });
      return task;
    },
    async getTask(taskId, sessionId) {
      return find(taskId, sessionId)?.task ?? null;
    },
    async storeTaskResult(taskId, status, result, sessionId) {
      change(taskId, sessionId, { status }).result = result;
    },
    async getTaskResult(taskId, sessionId) {
      const { result } = require(taskId, sessionId);
      if (result === undefined) throw new Error(`Task ${taskId} has no result`);
      return result;
    },
    async updateTaskStatus(taskId, status, statusMessage, sessionId) {
      change(taskId, sessionId, { status, ...(statusMessage !== undefined && { statusMessage }) });
    },
  };
}
