import { type McpClientLike, sendRequest } from "@mcp-events/client";
import { type JsonObject, WireError } from "@mcp-events/protocol";

/** Asks a server for tasks; for servers that offer them by other means than `tasks/get`, such as a tool. */
export interface TaskReader {
  /** The task as it is now, as `tasks/get` answers. */
  getTask(taskId: string, signal: AbortSignal): Promise<unknown>;
  /** What the task came to, as `tasks/result` answers. */
  getResult(taskId: string, signal: AbortSignal): Promise<unknown>;
}

/** Longest wait for an answer of `tasks/get`, in milliseconds. */
const TIMEOUT_MS = 15_000;
const METHOD_NOT_FOUND = -32601;

/** Whether a peer, or the SDK on its behalf, does not know the method. */
export function isUnknownMethod(error: unknown): boolean {
  if (WireError.is(error)) return error.data?.code === METHOD_NOT_FOUND;
  const local = error as { cause?: { code?: unknown } } | undefined | null;
  return local?.cause?.code === "METHOD_NOT_SUPPORTED_BY_PROTOCOL_VERSION";
}

/** Reads tasks through an MCP client of either SDK line. */
export function mcpTaskReader(mcp: Pick<McpClientLike, "request">): TaskReader {
  const ask = (method: string, taskId: string, signal: AbortSignal) =>
    sendRequest(mcp, method, { taskId }, { signal, timeoutMs: TIMEOUT_MS });
  return {
    getTask: (taskId, signal) => ask("tasks/get", taskId, signal),
    async getResult(taskId, signal) {
      try {
        return await ask("tasks/result", taskId, signal);
      } catch (error) {
        const inline = isUnknownMethod(error)
          ? await inlineResult(ask("tasks/get", taskId, signal))
          : undefined;
        if (inline === undefined) throw error;
        return inline;
      }
    },
  };
}

/** The tasks extension of 2026-07-28 has the result in the task. */
async function inlineResult(asked: Promise<JsonObject>): Promise<unknown> {
  const { result } = await asked.catch((): JsonObject => ({}));
  return result;
}
