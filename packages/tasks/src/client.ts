// For clients. What makes task changes events stands in the main entry.
export type { TaskEventSource } from "./event-source";
export { followTask } from "./follow/follow-task";
export { type CreatedTask, FOLLOW_DEFAULTS, type FollowTaskOptions } from "./follow/options";
export type { TaskFollower } from "./follow/task-follower";
export type { TaskReader } from "./follow/task-reader";
export type { TaskProgress, TaskState, TaskStatus } from "./task-state";
export { taskStatus } from "./task-status";
