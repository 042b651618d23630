import { held, type Requirements } from "./requirement";

/** Tasks: completion and progress as events. */
export const TASK_REQUIREMENTS: Requirements = {
  "TASK-1": held("A task names its event source; a failed subscription is not a failed task"),
  "TASK-2": held(
    "The stream ends with the task, after what was emitted before, under the task's authorization",
  ),
};
