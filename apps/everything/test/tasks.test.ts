import { existsSync } from "node:fs";
import { join } from "node:path";
import { createEventClient } from "@mcp-events/client";
import { followTask, type TaskState } from "@mcp-events/tasks/client";
import { http } from "@mcp-events/transport-http";
import type { Client as ClientV2 } from "@modelcontextprotocol/client";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import type { Transport } from "@modelcontextprotocol/sdk/shared/transport.js";
import { CreateTaskResultSchema } from "@modelcontextprotocol/sdk/types.js";
import { describe, expect, it, onTestFinished } from "vitest";
import { eventually, startApp } from "./support/app";
import { Hook, secretOf } from "./support/hook";
import type { Raw } from "./support/json-rpc";
import { sdkClient } from "./support/sdk-client";

const MAIN = join(import.meta.dirname, "..", "dist", "main.js");
const ANY: Raw = {
  safeParse: (data: unknown) => ({ success: true, data }),
  "~standard": { version: 1, vendor: "test", validate: (value: unknown) => ({ value }) },
};

const runTask = (args: object) => ({
  method: "tools/call" as const,
  params: { name: "run_task", arguments: { steps: 3, stepMs: 20, ...args }, task: {} },
});

/** A v1 client over HTTP in a session of its own. */
async function session(url: string, token?: string) {
  const mcp = new Client({ name: "tasks-test", version: "1" });
  const headers: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` };
  await mcp.connect(
    new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers } }) as Transport,
  );
  onTestFinished(() => mcp.close());
  return mcp;
}

const steps = (states: readonly TaskState[]) =>
  states.map(({ status, progress }) => [status, progress?.progress]);

const PLAYED = [
  ["working", undefined],
  ["working", 1],
  ["working", 2],
  ["working", 3],
  ["completed", 3],
];

describe("TASK-1: a task of the v1 SDK and its event source", () => {
  it.each(["v1", "v2"] as const)(
    "HTTP, client %s: every step is seen although tasks/get would be too slow",
    async (line) => {
      const { url } = await startApp({ sdk: "v1" });
      const { events, mcp } = await sdkClient(line, { url });
      const created = await (mcp as Client).request(runTask({}), ANY);
      const states: TaskState[] = [];
      const follower = followTask({ events, mcp, created });
      for await (const state of follower) states.push(state);
      expect(steps(states)).toEqual(PLAYED);
      expect(await follower.result()).toMatchObject({ content: [{ text: "3 steps completed" }] });
    },
  );

  it.each(["v1", "v2"] as const)("stdio, client %s: the same", async (line) => {
    if (!existsSync(MAIN)) throw new Error(`${MAIN} is missing: build the app first`);
    const { events, mcp } = await sdkClient(line, { args: [MAIN, "--stdio", "--sdk", "v1"] });
    const created = await (mcp as Client).request(runTask({ outcome: "failed" }), ANY);
    const states: TaskState[] = [];
    const follower = followTask({ events, mcp, created, subscribe: { delivery: "poll" } });
    for await (const state of follower) states.push(state);
    expect(steps(states)).toEqual([...PLAYED.slice(0, -1), ["failed", 3]]);
    expect(await follower.result()).toMatchObject({ isError: true });
  });

  it("the SDK's own schema lets the event source through", async () => {
    const { url } = await startApp({ sdk: "v1" });
    const created = await (await session(url)).request(runTask({}), CreateTaskResultSchema);
    expect(created.eventSource).toEqual({
      name: "task.status",
      input: { taskId: created.task.taskId },
      initialCursor: expect.any(String),
    });
  });

  it("a server that serves no events is asked for the task alone", async () => {
    const { url } = await startApp({ sdk: "v1" });
    const mcp = await session(url);
    const created = await mcp.request(runTask({}), ANY);
    const events = { subscribe: () => Promise.reject(new Error("no events here")) };
    const follower = followTask({ events, mcp, created, pollMs: 10 });
    expect(await follower.result()).toMatchObject({ content: [{ text: "3 steps completed" }] });
    expect(follower.state.status).toBe("completed");
  });
});

describe("TASK-2: with the v1 SDK", () => {
  it("tasks/cancel ends the stream after its event", async () => {
    const { url } = await startApp({ sdk: "v1" });
    const { events, mcp } = await sdkClient("v1", { url });
    const created = await (mcp as Client).request(runTask({ steps: 1_000 }), ANY);
    const { name, input, initialCursor } = created.eventSource;
    const subscription = await events.subscribe(name, input, { cursor: initialCursor });
    await (mcp as Client).experimental.tasks.cancelTask(created.task.taskId);
    const statuses: unknown[] = [];
    const reading = (async () => {
      for await (const item of subscription) if (item.kind === "event") statuses.push(item.data.status);
    })();
    await expect(reading).rejects.toMatchObject({ error: "NotFound", data: { reason: "finished" } });
    expect([statuses[0], statuses.at(-1)]).toEqual(["working", "cancelled"]);
  });

  it("who may not get a task may not follow it: another session is refused both", async () => {
    const { url } = await startApp({ sdk: "v1" });
    const created = await (await session(url)).request(runTask({ steps: 1_000 }), ANY);
    const { taskId } = created.task;
    const other = await session(url);
    await expect(other.experimental.tasks.getTask(taskId)).rejects.toMatchObject({ code: -32602 });
    const events = createEventClient(other, { transports: [http()] });
    onTestFinished(() => events.close());
    await expect(events.subscribe("task.status", { taskId })).rejects.toMatchObject({ error: "Forbidden" });
  });

  it("a webhook hears of the end, and of its own, although its client is gone for long", async () => {
    const { url, fixture } = await startApp({ sdk: "v1", allowLoopbackWebhooks: true });
    const hook = await Hook.listen();
    const mcp = await session(url, "alice-token");
    const created = await mcp.request(runTask({ stepMs: 200 }), ANY);
    const { name, input, initialCursor } = created.eventSource;
    const delivery = { mode: "webhook", url: hook.url(), secret: secretOf("t") };
    const params: Raw = { name, arguments: input, delivery, cursor: initialCursor };
    await mcp.request({ method: "events/subscribe", params } as never, ANY);
    await (mcp.transport as StreamableHTTPClientTransport).terminateSession();
    await mcp.close();
    expect(fixture.sessions()).toBe(0);
    const posted: unknown[] = [];
    while (posted.at(-1) !== "terminated") {
      const { body } = await hook.next();
      posted.push(body.type ?? [body.data.status, body.data.progress?.progress]);
    }
    expect(posted).toEqual([["working", undefined], ...PLAYED.slice(1), "terminated"]);
    await eventually(
      async () => fixture.events.stats().subscriptions.webhook,
      (left) => left === 0,
    );
  });
});

it("sdk v2 offers no tasks, and says so by offering no event type for them", async () => {
  const { url } = await startApp({ sdk: "v2" });
  const { events, mcp } = await sdkClient("v2", { url });
  expect((await events.list()).map(({ name }) => name)).not.toContain("task.status");
  expect((mcp as ClientV2).getServerCapabilities()?.tasks).toBeUndefined();
});
