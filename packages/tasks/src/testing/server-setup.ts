import { InMemoryTaskStore } from "@modelcontextprotocol/sdk/experimental/tasks";
import type { FakeStream } from "../../../server/src/testing/fake-host";
import { webhookSetup } from "../../../server/src/testing/webhook-setup";
import { eventTasks } from "../server/event-tasks";
import type { EventTasksOptions } from "../server/options";
import type { TaskState } from "../task-state";

const REQUEST = { method: "tools/call", params: {} };

/** An event server on a manual clock, a task store of the v1 SDK, and the two together. */
export function taskSetup(options: Partial<EventTasksOptions<InMemoryTaskStore>> = {}) {
  const made = webhookSetup();
  const given = new InMemoryTaskStore();
  const tasks = eventTasks({ store: given, events: made.events, ...options });
  const create = (sessionId?: string) => tasks.store.createTask({}, 1, REQUEST, sessionId);
  /** Parameters to subscribe to a task with, from its beginning. */
  const from = (task: Pick<TaskState, "taskId">) => {
    const { name, input, initialCursor } = tasks.eventSource(task);
    return { name, arguments: input, cursor: initialCursor };
  };
  return { ...made, given, tasks, store: tasks.store, create, from };
}

/** What a stream told of its task: statuses, and progress where there was some. */
export function told({ events }: Pick<FakeStream, "events">): string[] {
  return events.map(({ data }) => short(data as unknown as TaskState));
}

/** A state in a few characters. */
export function short({ status, statusMessage, progress }: TaskState): string {
  const rest = [statusMessage, progress?.progress].filter((one) => one !== undefined);
  return [status, ...rest].join(" ");
}
