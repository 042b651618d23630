import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "@mcp-events/protocol";
import type { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import * as z from "zod";
import type { FixtureTasks } from "./fixture-tasks";

/** How long a task is kept after its end, in milliseconds. */
const TTL_MS = 600_000;

const input = z.object({
  steps: z.int().min(1).max(1_000).default(3).describe("How many steps it takes."),
  stepMs: z.int().min(1).max(60_000).default(100).describe("How long a step takes, in milliseconds."),
  outcome: z.enum(["completed", "failed"]).default("completed"),
});

type Input = z.output<typeof input>;

/** A task that takes some steps and reports each; its events are to be had from the `eventSource` of the answer. */
export function registerRunTask(server: McpServer, tasks: FixtureTasks, logger: Logger): void {
  server.experimental.tasks.registerToolTask(
    "run_task",
    {
      title: "Run a task",
      description: "Starts a task that takes some steps, reports each as progress, and ends as asked.",
      inputSchema: input,
      execution: { taskSupport: "required" },
    },
    {
      async createTask(args, { taskStore, sessionId }) {
        const task = await taskStore.createTask({ ttl: TTL_MS, pollInterval: 1_000 });
        void work(tasks, task.taskId, input.parse(args), sessionId).catch((error: unknown) => {
          logger.info("a task ended before its work", { taskId: task.taskId, error });
        });
        return { task, eventSource: tasks.eventSource(task) };
      },
      getTask: async (_args, { taskStore, taskId }) => ({ ...(await taskStore.getTask(taskId)) }),
      getTaskResult: async (_args, { taskStore, taskId }) => ({
        content: [],
        ...(await taskStore.getTaskResult(taskId)),
      }),
    },
  );
}

/** Works on the store itself: that of the request notifies its client, and fails when the client is gone. */
async function work(
  { store, progress }: FixtureTasks,
  taskId: string,
  { steps, stepMs, outcome }: Input,
  sessionId: string | undefined,
): Promise<void> {
  for (let step = 1; step <= steps; step += 1) {
    await sleep(stepMs, undefined, { ref: false });
    await progress(taskId, { progress: step, total: steps });
  }
  const content = [{ type: "text" as const, text: `${steps} steps ${outcome}` }];
  const result = { content, isError: outcome === "failed" };
  await store.storeTaskResult(taskId, outcome, result, sessionId);
}
