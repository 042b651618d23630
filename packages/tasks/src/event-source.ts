import type { JsonObject } from "@mcp-events/protocol";

/** Where the events of a task are to be had: `eventSource` of a create-task result (TASK-1). */
export interface TaskEventSource {
  /** Name of the event type. */
  readonly name: string;
  /** What to subscribe with, as arguments. */
  readonly input: JsonObject;
  /** A place before the task's first event; absent: from now. */
  readonly initialCursor?: string | undefined;
}
