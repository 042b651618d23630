import { defineEvent } from "@mcp-events/protocol";
import * as z from "zod";
import { taskStateSchema } from "./task-state";

/** The event type of {@link eventTasks}: one event for each change of a task, with all that is known of it. */
export const taskStatus = defineEvent("task.status", {
  description: "A task changed its status or reported progress; the last event has the status it ended with",
  inputSchema: z.strictObject({ taskId: z.string().min(1).max(1_024) }),
  payloadSchema: taskStateSchema,
});
