import { InMemoryTaskStore } from "@modelcontextprotocol/sdk/experimental/tasks";
import { describe, expect, it } from "vitest";
import { ManualClock } from "../../../ordering/src/testing/manual-clock";
import { deliveries } from "../../../server/src/testing/fake-sender";
import { failure, setup, turns } from "../../../server/src/testing/setup";
import { short, taskSetup, told } from "../testing/server-setup";
import { eventTasks } from "./event-tasks";
import { TaskRecords } from "./task-records";

const RESULT = { content: [{ type: "text" as const, text: "done" }] };

describe("TASK-1: the event source of a task", () => {
  it("names the event type, the arguments and a place before the task's first event", async () => {
    const { tasks, create, store, host, from } = taskSetup();
    const first = await create();
    const second = await create();
    await store.updateTaskStatus(second.taskId, "working", "half way");
    const source = tasks.eventSource(second);
    expect(source).toEqual({
      name: "task.status",
      input: { taskId: second.taskId },
      initialCursor: expect.any(String),
    });
    const stream = host.stream(from(second));
    await turns();
    expect(told(stream)).toEqual(["working", "working half way"]);
    expect(stream.events[0]!.data).toEqual(second);
    expect(first.taskId).not.toBe(second.taskId);
    stream.abort();
  });

  it("of a task that this process did not create it has no cursor", () => {
    expect(taskSetup().tasks.eventSource({ taskId: "other" })).toEqual({
      name: "task.status",
      input: { taskId: "other" },
    });
  });

  it("a log that does not answer costs the cursor and the events, never the task", async () => {
    const { events, logged } = setup({
      store: { durable: false, open: () => Promise.reject(new Error("down")), close() {} },
    });
    const logger = { debug() {}, info() {}, warn: push, error: push };
    function push(message: string) {
      logged.push({ level: "tasks", message });
    }
    const tasks = eventTasks({ store: new InMemoryTaskStore(), events, logger });
    const task = await tasks.store.createTask({}, 1, { method: "tools/call" });
    await tasks.progress(task.taskId, { progress: 1 });
    await tasks.store.storeTaskResult(task.taskId, "completed", RESULT);
    await tasks.flush();
    expect(tasks.eventSource(task).initialCursor).toBeUndefined();
    expect(await tasks.store.getTask(task.taskId)).toMatchObject({ status: "completed" });
    expect(logged.filter(({ level }) => level === "tasks").length).toBeGreaterThan(2);
  });
});

describe("the creation of a task", () => {
  it("waits for a log that hangs no longer than a second", async () => {
    const clock = new ManualClock();
    const store = { durable: false, open: () => new Promise<never>(() => {}), close() {} };
    const { events } = setup({ store });
    const tasks = eventTasks({ store: new InMemoryTaskStore(), events, clock });
    const creating = tasks.store.createTask({}, 1, { method: "tools/call" });
    await turns();
    clock.advance(1_000);
    const task = await creating;
    expect(task).toMatchObject({ status: "working" });
    expect(tasks.eventSource(task).initialCursor).toBeUndefined();
  });
});

describe("the events of a task", () => {
  it("are one for each change, in order, though nobody waits; progress stays with what follows", async () => {
    const { tasks, create, store, host, from } = taskSetup();
    const task = await create();
    const changes = [
      tasks.progress(task.taskId, { progress: 1, total: 3, message: "one" }),
      store.updateTaskStatus(task.taskId, "input_required", "who are you?"),
      store.updateTaskStatus(task.taskId, "working", "thanks"),
      tasks.progress(task.taskId, { progress: 3, total: 3 }),
      store.storeTaskResult(task.taskId, "completed", RESULT),
    ];
    await Promise.all(changes);
    const stream = host.stream(from(task));
    await turns(12);
    expect(told(stream)).toEqual([
      "working",
      "working 1",
      "input_required who are you? 1",
      "working thanks 1",
      "working thanks 3",
      "completed thanks 3",
    ]);
  });

  it("a change that the store refuses makes none, and the refusal is the caller's", async () => {
    const { tasks, create, store, host, from } = taskSetup();
    const task = await create();
    await store.updateTaskStatus(task.taskId, "cancelled");
    expect(await failure(store.updateTaskStatus(task.taskId, "working"))).toBeInstanceOf(Error);
    await tasks.progress(task.taskId, { progress: 1 });
    await tasks.progress("unknown", { progress: 1 });
    const stream = host.stream(from(task));
    await turns(12);
    expect(told(stream)).toEqual(["working", "cancelled"]);
  });

  it("the task that a creation answers with stays as it was then, whatever the store does with its own", async () => {
    const { create, store } = taskSetup();
    const task = await create();
    await store.updateTaskStatus(task.taskId, "cancelled");
    expect(task.status).toBe("working");
  });

  it("the store is otherwise the one it was given, its own methods included", async () => {
    const { store, create, given } = taskSetup();
    const task = await create();
    expect(store.getAllTasks()).toEqual(given.getAllTasks());
    expect((await store.listTasks()).tasks).toEqual([task]);
    await store.storeTaskResult(task.taskId, "completed", RESULT);
    expect(await store.getTaskResult(task.taskId)).toEqual(RESULT);
    expect(store).toBeInstanceOf(InMemoryTaskStore);
    store.cleanup();
  });

  it("what is remembered is bounded: the task used longest ago is forgotten", () => {
    const records = new TaskRecords();
    const record = { initialCursor: "c", sessionId: undefined };
    for (let n = 0; n < 10_001; n += 1) {
      records.set(`t${n}`, record);
      records.progressed("t0", { progress: n });
    }
    expect([records.get("t0")?.progress?.progress, records.get("t1"), records.get("t2")]).toEqual([
      10_000,
      undefined,
      record,
    ]);
  });
});

describe("TASK-2: the end of a task", () => {
  it("ends its streams after what was emitted before, and no other task's", async () => {
    const { create, store, host, from, events } = taskSetup();
    const [task, other] = [await create(), await create()];
    const stream = host.stream(from(task));
    const another = host.stream(from(other));
    await turns();
    stream.block();
    await store.updateTaskStatus(task.taskId, "working", "nearly");
    await store.storeTaskResult(task.taskId, "failed", RESULT);
    await turns();
    stream.unblock();
    await turns(12);
    expect(told(stream)).toEqual(["working", "working nearly", "failed nearly"]);
    expect(stream.kinds.at(-1)).toBe("terminated");
    expect(another.kinds).toEqual(["active", "event"]);
    expect(events.stats().subscriptions.push).toBe(1);
    another.abort();
  });

  it("a subscription that begins while the task ends still gets the last event", async () => {
    const { create, store, given, host, from } = taskSetup();
    const task = await create();
    const getTask = given.getTask.bind(given);
    let slow = true;
    given.getTask = async (id, sessionId) => {
      const found = await getTask(id, sessionId);
      if (slow && found?.status === "completed") {
        slow = false;
        await turns(4);
      }
      return found;
    };
    const ending = store.storeTaskResult(task.taskId, "completed", RESULT);
    await turns(1);
    const stream = host.stream(from(task));
    await ending;
    await turns(12);
    expect([told(stream), stream.kinds.at(-1)]).toEqual([["working", "completed"], "terminated"]);
  });

  it("a poll tells everything first, then that it was the end", async () => {
    const { create, store, host, from } = taskSetup();
    const task = await create();
    await store.storeTaskResult(task.taskId, "completed", RESULT);
    const page = await host.poll(from(task));
    expect(told(page)).toEqual(["working", "completed"]);
    expect(await failure(host.poll({ ...from(task), cursor: page.cursor }))).toMatchObject({
      error: "NotFound",
      data: { reason: "finished" },
    });
  });

  it("a webhook gets the last event and the end, although nobody is connected any more", async () => {
    const { create, store, from, subscribe, delivered, host, sender, events } = taskSetup();
    const task = await create();
    await subscribe(from(task));
    await delivered();
    host.close();
    await store.storeTaskResult(task.taskId, "completed", RESULT);
    await deliveries();
    const states = sender.attempts.map(({ body }) =>
      body.data === undefined ? body.type : short(body.data as never),
    );
    expect(states).toEqual(["working", "completed", "terminated"]);
    expect(events.stats()).toMatchObject({ subscriptions: { webhook: 0 }, readers: 0, timers: 0 });
  });
});

describe("TASK-2: who may follow a task", () => {
  it("is who may get it: the session that created it, where the store knows sessions", async () => {
    const { create, host, from } = taskSetup();
    const task = await create("session-1");
    const other = host.stream(from(task), { sessionId: "session-2" });
    expect(await failure(other.result)).toMatchObject({ error: "Forbidden" });
    const stream = host.stream(from(task), { sessionId: "session-1" });
    await turns();
    expect(told(stream)).toEqual(["working"]);
    stream.abort();
    const unknown = host.stream({ name: "task.status", arguments: { taskId: "unknown" } });
    expect(await failure(unknown.result)).toMatchObject({ error: "Forbidden" });
  });

  it("and whom authorize lets, also when it changes its mind", async () => {
    const owners = new Map<string, string>();
    const { create, host, from, events } = taskSetup({
      authorize: ({ principal }, { taskId }) => owners.get(taskId) === principal,
    });
    const task = await create();
    owners.set(task.taskId, "alice");
    const bob = host.stream(from(task), { principal: "bob" });
    expect(await failure(bob.result)).toMatchObject({ error: "Forbidden" });
    const alice = host.stream(from(task), { principal: "alice" });
    await turns();
    owners.delete(task.taskId);
    await events.reauthorize();
    await turns();
    expect(alice.kinds).toEqual(["active", "event", "terminated"]);
  });
});
