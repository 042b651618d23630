import { describe, expect, it } from "vitest";
import { ManualClock } from "../../../ordering/src/testing/manual-clock";
import { failure } from "../../../server/src/testing/setup";
import { memoryTaskStore } from "./memory-task-store";

const REQUEST = { method: "tools/call" };

describe("tasks in memory", () => {
  it("are created working, change until they end, and have a result then", async () => {
    const clock = new ManualClock();
    const store = memoryTaskStore({ clock });
    const { taskId } = await store.createTask({}, 1, REQUEST);
    expect(await store.getTask(taskId)).toMatchObject({
      status: "working",
      ttl: 3_600_000,
      pollInterval: 1_000,
    });
    await clock.advance(5);
    await store.updateTaskStatus(taskId, "working", "half way");
    expect(await store.getTask(taskId)).toMatchObject({
      statusMessage: "half way",
      lastUpdatedAt: new Date(clock.now()).toISOString(),
    });
    await expect(store.getTaskResult(taskId)).rejects.toThrow(/no result/);
    await store.storeTaskResult(taskId, "completed", { content: [] });
    expect(await store.getTaskResult(taskId)).toEqual({ content: [] });
    expect(await failure(store.updateTaskStatus(taskId, "working"))).toBeInstanceOf(Error);
    expect(await store.getTask(taskId)).toMatchObject({ status: "completed", statusMessage: "half way" });
  });

  it("are found in the session that created them, and where there are no sessions", async () => {
    const store = memoryTaskStore();
    const { taskId } = await store.createTask(undefined, 1, REQUEST, "one");
    expect(await store.getTask(taskId, "two")).toBeNull();
    expect(await failure(store.updateTaskStatus(taskId, "cancelled", undefined, "two"))).toBeInstanceOf(
      Error,
    );
    expect([await store.getTask(taskId, "one"), await store.getTask(taskId)]).not.toContain(null);
  });

  it("are gone after their time, which each change begins anew; null is no end", async () => {
    const clock = new ManualClock();
    const store = memoryTaskStore({ clock, ttl: 100 });
    const { taskId } = await store.createTask({}, 1, REQUEST);
    const forEver = await store.createTask({ ttl: null }, 2, REQUEST);
    await clock.advance(90);
    await store.updateTaskStatus(taskId, "input_required");
    await clock.advance(90);
    expect(await store.getTask(taskId)).not.toBeNull();
    await clock.advance(10);
    expect(await store.getTask(taskId)).toBeNull();
    await store.createTask({}, 3, REQUEST);
    expect(await store.getTask(forEver.taskId)).not.toBeNull();
  });
});
