import { canonicalJson, isJsonObject, type JsonObject } from "@mcp-events/protocol";
import * as z from "zod";

const progressSchema = z.object({
  progress: z.number(),
  total: z.number().optional(),
  message: z.string().optional(),
});

/** A task's state on the wire; what else it says is kept by events and let go by {@link readTaskState}. */
export const taskStateSchema = z.looseObject({
  taskId: z.string(),
  status: z.enum(["working", "input_required", "completed", "failed", "cancelled"]),
  statusMessage: z.string().optional(),
  createdAt: z.string(),
  lastUpdatedAt: z.string(),
  ttl: z.number().nullish(),
  pollInterval: z.number().optional(),
  progress: progressSchema.optional(),
});

/** Where a task stands; the last three are where it ends. */
export type TaskStatus = z.output<typeof taskStateSchema>["status"];

/** How far a task has come, as in MCP's progress notifications. */
export interface TaskProgress {
  /** Grows with each report. */
  readonly progress: number;
  readonly total?: number | undefined;
  readonly message?: string | undefined;
}

/** Everything that is known of a task at one moment. */
export interface TaskState {
  readonly taskId: string;
  readonly status: TaskStatus;
  readonly statusMessage?: string | undefined;
  /** ISO 8601. */
  readonly createdAt: string;
  /** ISO 8601. */
  readonly lastUpdatedAt: string;
  /** How long the task is kept, in milliseconds; `null`: for ever. */
  readonly ttl?: number | null | undefined;
  /** How often to ask for it, in milliseconds. */
  readonly pollInterval?: number | undefined;
  /** The last that was reported. */
  readonly progress?: TaskProgress | undefined;
}

const TERMINAL: ReadonlySet<TaskStatus> = new Set<TaskStatus>(["completed", "failed", "cancelled"]);

/** Whether nothing follows on a status. */
export function isTerminal(status: TaskStatus): boolean {
  return TERMINAL.has(status);
}

/** What a peer says of a task; `undefined` when it is not the state of that task. */
export function readTaskState(value: unknown, taskId: string): TaskState | undefined {
  if (!isJsonObject(value)) return undefined;
  // The tasks extension of 2026-07-28 has the unit in the names.
  const renamed = { ttl: value.ttlMs, pollInterval: value.pollIntervalMs };
  const read = taskStateSchema.safeParse(withoutUndefined({ ...renamed, ...value }));
  return read.success && read.data.taskId === taskId ? stateOf(read.data) : undefined;
}

/** The fields of a state alone. */
export function stateOf(task: TaskState): TaskState {
  const { taskId, status, statusMessage, createdAt, lastUpdatedAt, ttl, pollInterval, progress } = task;
  const all = { taskId, status, statusMessage, createdAt, lastUpdatedAt, ttl, pollInterval, progress };
  return withoutUndefined(all) as unknown as TaskState;
}

/** Whether two states say the same. */
export function sameState(a: TaskState, b: TaskState): boolean {
  return canonicalJson(stateOf(a)) === canonicalJson(stateOf(b));
}

function withoutUndefined(object: object): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as JsonObject;
}
