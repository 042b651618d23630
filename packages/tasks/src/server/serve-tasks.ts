import { EventsError, type JsonObject } from "@mcp-events/protocol";
import type { McpServerLike } from "@mcp-events/server";
import { isTerminal, type TaskState } from "../task-state";
import type { TaskStoreLike } from "./task-store";

/** What a v2 server hands to a handler, as far as it is used here. */
interface Context {
  readonly sessionId?: string | undefined;
}

type Handler = (params: { readonly taskId: string }, context: Context) => Promise<object>;

interface V2Server {
  setRequestHandler(method: string, schemas: { params: object; result: object }, handler: Handler): void;
  getNegotiatedProtocolVersion(): string | undefined;
}

const INVALID_PARAMS = -32602;
const anything = {
  "~standard": { version: 1, vendor: "mcp-events", validate: (value: unknown) => ({ value }) },
};
const withTaskId = {
  "~standard": {
    version: 1,
    vendor: "mcp-events",
    validate: (value: JsonObject) =>
      typeof value?.taskId === "string"
        ? { value }
        : { issues: [{ message: "must be a string", path: ["taskId"] }] },
  },
};

/**
 * Answers `tasks/get`, `tasks/result` and `tasks/cancel` on a server of `@modelcontextprotocol/server`, which knows the
 * methods and has nothing behind them. Call it before it connects. The answer of `tasks/get` has the task's `result`
 * once there is one: on revision 2026-07-28 that SDK lets no `tasks/result` through.
 *
 * @param store - The store that `eventTasks` gave, or any other.
 * @returns the MCP server it was given.
 * @throws EventsError `attach_failed` for a server of `@modelcontextprotocol/sdk`, which serves tasks by itself.
 */
export function serveTasks<S extends McpServerLike>(mcpServer: S, store: TaskStoreLike): S {
  const server = ((mcpServer as { server?: unknown }).server ?? mcpServer) as V2Server & {
    getTask?: unknown;
  };
  if (!isV2(server)) {
    throw new EventsError("attach_failed", "serveTasks: not a server of @modelcontextprotocol/server");
  }
  const handle = (method: string, handler: Handler) =>
    server.setRequestHandler(method, { params: withTaskId, result: anything }, handler);

  handle("tasks/get", async ({ taskId }, { sessionId }) => {
    const task = await required(store, taskId, sessionId);
    if (task.status !== "completed") return { ...task };
    return { ...task, result: await store.getTaskResult(taskId, sessionId) };
  });
  handle("tasks/result", async ({ taskId }, { sessionId }) => {
    const task = await required(store, taskId, sessionId);
    if (!isTerminal(task.status)) throw invalid(`Task ${taskId} is ${task.status}: there is no result yet`);
    return (await store.getTaskResult(taskId, sessionId)) as object;
  });
  handle("tasks/cancel", async ({ taskId }, { sessionId }) => {
    const task = await required(store, taskId, sessionId);
    if (isTerminal(task.status)) throw invalid(`Task ${taskId} is ${task.status} already`);
    await store.updateTaskStatus(taskId, "cancelled", undefined, sessionId);
    return { ...(await required(store, taskId, sessionId)) };
  });
  return mcpServer;
}

function isV2(server: Partial<V2Server>): server is V2Server {
  const { setRequestHandler, getNegotiatedProtocolVersion } = server;
  return typeof setRequestHandler === "function" && typeof getNegotiatedProtocolVersion === "function";
}

async function required(
  store: TaskStoreLike,
  taskId: string,
  sessionId: string | undefined,
): Promise<TaskState> {
  const task = await store.getTask(taskId, sessionId);
  if (task === null) throw invalid("Task not found");
  return task;
}

function invalid(message: string): Error {
  return Object.assign(new Error(message), { code: INVALID_PARAMS });
}
