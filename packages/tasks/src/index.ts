// For servers. What follows a task stands in `./client`.
export type { TaskEventSource } from "./event-source";
export { eventTasks } from "./server/event-tasks";
export { type MemoryTaskStoreOptions, memoryTaskStore } from "./server/memory-task-store";
export type { EventTasks, EventTasksOptions } from "./server/options";
export { serveTasks } from "./server/serve-tasks";
export type { TaskStoreLike } from "./server/task-store";
export type { TaskProgress, TaskState, TaskStatus } from "./task-state";
export { taskStatus } from "./task-status";
