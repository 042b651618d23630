import type { Logger } from "@mcp-events/protocol";
import type { EventServer } from "@mcp-events/server";
import { type EventTasks, eventTasks } from "@mcp-events/tasks";
import { InMemoryTaskStore } from "@modelcontextprotocol/sdk/experimental/tasks";

/** The tasks of all MCP servers of the process; sdk v2 has no runtime for tasks. */
export type FixtureTasks = EventTasks<InMemoryTaskStore>;

/** Makes the task store, whose changes are events of the type `task.status`. */
export function fixtureTasks(events: EventServer, logger: Logger): FixtureTasks {
  return eventTasks({ store: new InMemoryTaskStore(), events, logger });
}

/** What an MCP server of the v1 line declares and is given to serve tasks. */
export function taskServerOptions({ store }: FixtureTasks) {
  return {
    capabilities: { tasks: { list: {}, cancel: {}, requests: { tools: { call: {} } } } },
    taskStore: store,
  };
}
