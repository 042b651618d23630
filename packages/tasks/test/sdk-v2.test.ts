import { createEventClient, type McpClientLike } from "@mcp-events/client";
import { createEventServer } from "@mcp-events/server";
import { eventTasks, memoryTaskStore, serveTasks, type TaskState } from "@mcp-events/tasks";
import { followTask } from "@mcp-events/tasks/client";
import { http } from "@mcp-events/transport-http";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { McpServer as McpServerV1 } from "@modelcontextprotocol/sdk/server/mcp.js";
import { createMcpHandler, McpServer } from "@modelcontextprotocol/server";
import { expect, it, onTestFinished } from "vitest";
import * as z from "zod";

/** A v2 server with a tool that starts a task, and a v2 client of it over HTTP without a socket. */
async function served(mode: "auto" | "legacy") {
  const transport = http();
  const events = createEventServer({ transports: [transport] });
  const tasks = eventTasks({ store: memoryTaskStore(), events });
  const handler = createMcpHandler(() => {
    const server = new McpServer({ name: "tasks", version: "1.0.0" });
    server.registerTool("build", { inputSchema: z.object({}) }, async () => {
      const task = await tasks.store.createTask({}, 0, { method: "tools/call" });
      return { content: [{ type: "text", text: "started" }], task, eventSource: tasks.eventSource(task) };
    });
    serveTasks(server, tasks.store);
    return events.attach(server);
  });
  const fetch = ((url: string, init: RequestInit) =>
    handler.fetch(new Request(url, init))) as typeof globalThis.fetch;
  const mcp = new Client({ name: "tasks-test", version: "1.0.0" }, { versionNegotiation: { mode } });
  await mcp.connect(new StreamableHTTPClientTransport(new URL("http://localhost/mcp"), { fetch }));
  const client = createEventClient(mcp, { transports: [http()], minPollMs: 20 });
  onTestFinished(async () => {
    await client.close();
    await mcp.close();
    await events.close();
    transport.close();
  });
  return { mcp, client, tasks };
}

it.each([
  ["auto", "2026-07-28"],
  ["legacy", "2025-11-25"],
] as const)(
  "TASK-1: a v2 server's task, negotiated %s, by its events and by its own tasks/get",
  async (mode, revision) => {
    const { mcp, client, tasks } = await served(mode);
    expect(mcp.getNegotiatedProtocolVersion()).toBe(revision);
    const created = await mcp.callTool({ name: "build", arguments: {} });
    const { taskId } = (created as unknown as { task: TaskState }).task;
    const follower = followTask({
      events: client,
      mcp,
      created,
      pollMs: 60_000,
      subscribe: { delivery: "poll" },
    });
    const states: TaskState[] = [];
    const reading = (async () => {
      for await (const state of follower) states.push(state);
    })();
    await tasks.progress(taskId, { progress: 1 });
    await tasks.store.storeTaskResult(taskId, "completed", { content: [{ type: "text", text: "built" }] });
    await reading;
    expect(states.map(({ status, progress }) => [status, progress?.progress])).toEqual([
      ["working", undefined],
      ["working", 1],
      ["completed", 1],
    ]);
    expect(await follower.result()).toMatchObject({ content: [{ text: "built" }] });
  },
);

it("TASK-1: without a subscription a v2 server's task is followed by tasks/get, to whatever end", async () => {
  const { mcp, tasks } = await served("auto");
  const created = await mcp.callTool({ name: "build", arguments: {} });
  const { taskId } = (created as unknown as { task: TaskState }).task;
  const events = { subscribe: () => Promise.reject(new Error("refused")) };
  const follower = followTask({ events, mcp: mcp as McpClientLike, created, pollMs: 20 });
  const answer = await mcp.request(
    { method: "tasks/cancel", params: { taskId } } as never,
    z.looseObject({}) as never,
  );
  expect(answer).toMatchObject({ taskId, status: "cancelled" });
  await expect(follower.result()).rejects.toThrow();
  expect(follower.state.status).toBe("cancelled");
  await expect(tasks.store.getTask(taskId)).resolves.toMatchObject({ status: "cancelled" });
});

it("a task that is not there, and one that is over, cannot be had or cancelled", async () => {
  const { mcp, tasks } = await served("legacy");
  const ask = (method: string, taskId: unknown) =>
    mcp.request({ method, params: { taskId } } as never, z.looseObject({}) as never);
  for (const method of ["tasks/get", "tasks/result", "tasks/cancel"]) {
    await expect(ask(method, "nobody's")).rejects.toMatchObject({ code: -32602 });
    await expect(ask(method, 7)).rejects.toMatchObject({ code: -32602 });
  }
  const { taskId } = await tasks.store.createTask({}, 0, {});
  await expect(ask("tasks/result", taskId)).rejects.toThrow(/working/);
  await ask("tasks/cancel", taskId);
  await expect(ask("tasks/cancel", taskId)).rejects.toThrow(/already/);
});

it("a v1 server is refused: it serves tasks itself", () => {
  const server = new McpServerV1({ name: "tasks", version: "1.0.0" });
  expect(() => serveTasks(server, memoryTaskStore())).toThrow(/serveTasks/);
});
