import type { EventClient, McpClientLike, SubscribeOptions, SubscriptionEvent } from "@mcp-events/client";
import { type Clock, EventsError, isJsonObject, type Logger } from "@mcp-events/protocol";
import type { TaskEventSource } from "../event-source";
import { readTaskState, type TaskState } from "../task-state";
import type { TaskReader } from "./task-reader";

/** The answer of a request that created a task; `eventSource` is what servers with task events add (TASK-1). */
export interface CreatedTask {
  readonly task: TaskState;
  readonly eventSource?: TaskEventSource | undefined;
}

/** Options of `followTask`. */
export interface FollowTaskOptions {
  /** Subscribes to the task's event source. */
  readonly events: Pick<EventClient, "subscribe">;
  /** Asks `tasks/get` and `tasks/result`: an MCP client of either SDK line, or your own way to ask. */
  readonly mcp: Pick<McpClientLike, "request"> | TaskReader;
  /** The create-task result, as it came. */
  readonly created: unknown;
  /** As `subscribe` takes it; `id` names the stored position. */
  readonly subscribe?: Pick<SubscribeOptions, "delivery" | "id"> | undefined;
  /** Called with each event of the source: those of some servers carry results of their own. */
  readonly onEvent?: ((event: SubscriptionEvent) => void) | undefined;
  /** How often `tasks/get` is asked while no events come, in milliseconds; default: what the task says, else 5,000. */
  readonly pollMs?: number | undefined;
  /** How often `tasks/get` is asked while the subscription lives, in milliseconds; default 30,000. */
  readonly livePollMs?: number | undefined;
  /** Answers of `tasks/get` that may fail in a row while no events come; default 5. */
  readonly maxFailures?: number | undefined;
  /** Default: the machine's own time. */
  readonly clock?: Clock | undefined;
  /** Default: says nothing. */
  readonly logger?: Logger | undefined;
}

/** Defaults of {@link FollowTaskOptions}. */
export const FOLLOW_DEFAULTS = { pollMs: 5_000, livePollMs: 30_000, maxFailures: 5 } as const;

/**
 * Reads a create-task result: `{task, eventSource?}`, or the task's own fields beside `eventSource`.
 *
 * @throws EventsError `option_invalid` when there is no task in it.
 */
export function readCreated(created: unknown): CreatedTask {
  const result = isJsonObject(created) ? created : {};
  const task = isJsonObject(result.task) ? result.task : result;
  const state = readTaskState(task, String(task.taskId));
  if (state === undefined) {
    throw new EventsError("option_invalid", "created: must be a create-task result, with the task in `task`");
  }
  return { task: state, eventSource: readEventSource(result.eventSource) };
}

/** A source that cannot be read is none: the task is followed all the same. */
function readEventSource(value: unknown): TaskEventSource | undefined {
  if (!isJsonObject(value) || typeof value.name !== "string") return undefined;
  const { name, input, initialCursor } = value;
  return {
    name,
    input: isJsonObject(input) ? input : {},
    ...(typeof initialCursor === "string" && { initialCursor }),
  };
}

/** @throws EventsError `option_invalid` naming the field. */
export function requireFollowOptions(options: FollowTaskOptions): void {
  for (const field of ["pollMs", "livePollMs", "maxFailures"] as const) {
    const value = options[field];
    if (value === undefined || (Number.isFinite(value) && value >= 1)) continue;
    throw new EventsError("option_invalid", `${field} must be 1 or more, not ${value}`);
  }
}
