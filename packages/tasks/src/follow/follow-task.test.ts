import { WireError } from "@mcp-events/protocol";
import { describe, expect, it } from "vitest";
import { active, terminated } from "../../../client/src/testing/wire";
import {
  BROKEN,
  followSetup,
  later,
  stateEvent,
  UNKNOWN_METHOD,
  UNKNOWN_TASK,
  WORKING,
} from "../testing/client-setup";

const FINISHED = new WireError("NotFound", "finished", { kind: "subscription", reason: "finished" });

describe("TASK-1: events", () => {
  it("the source is subscribed to with its input, from its cursor, and states come as they are emitted", async () => {
    const { connection, follow, server, clock } = followSetup();
    const { follower, reading } = follow();
    await reading.now();
    expect(connection.stream.params).toMatchObject({
      name: "task.status",
      arguments: { taskId: "t" },
      cursor: "c1:0",
    });
    connection.stream.send(active(0), stateEvent(1, WORKING));
    connection.stream.send(stateEvent(2, { ...WORKING, progress: { progress: 0.5 } }));
    expect(await reading.now()).toEqual(["working", "working 0.5"]);
    connection.stream.send(stateEvent(3, later(9, { status: "completed" })));
    expect(await reading.now()).toEqual(["working", "working 0.5", "completed 0.5"]);
    expect([reading.done, follower.state.status]).toEqual([true, "completed"]);
    expect(await follower.result()).toEqual({ content: ["done"] });
    expect([server.asked, connection.openStreams, clock.pending]).toEqual([0, 0, 0]);
  });

  it("tasks/get is asked all the same, seldom while events come", async () => {
    const { connection, follow, server, clock } = followSetup();
    const { reading } = follow();
    await reading.now();
    connection.stream.send(active(0));
    await clock.advance(29_000);
    expect(server.asked).toBe(0);
    server.task = later(5, { statusMessage: "polled" });
    await clock.advance(1_500);
    expect([server.asked, await reading.now()]).toEqual([1, ["working", "working polled"]]);
    server.task = later(6, { status: "completed" });
    await clock.advance(30_000);
    expect([await reading.now(), reading.done]).toEqual([["working", "working polled", "completed"], true]);
  });

  it("a subscription that is refused, or never stands, fails nothing: the task is asked for", async () => {
    const { connection, follow, server, clock } = followSetup();
    connection.onStream = (stream) => stream.fail(new WireError("Forbidden", "no"));
    const { follower, reading } = follow();
    await reading.now();
    server.task = later(5, { status: "failed" });
    await clock.advance(1_000);
    expect([await reading.now(), reading.done, reading.error]).toEqual([
      ["working", "failed"],
      true,
      undefined,
    ]);
    await expect(follower.result()).resolves.toBeDefined();
  });

  it("one that ends without the last event is followed by a question at once, and then by polling", async () => {
    const { connection, follow, server, clock } = followSetup();
    const { reading } = follow();
    await reading.now();
    connection.stream.send(active(0));
    await clock.advance(10_000);
    connection.stream.send(terminated(FINISHED, 0));
    await reading.now();
    expect(server.asked).toBe(1);
    server.task = later(5, { status: "cancelled" });
    await clock.advance(1_000);
    expect([await reading.now(), server.asked]).toEqual([["working", "cancelled"], 2]);
  });

  it("while it reconnects, tasks/get is asked at the task's own interval", async () => {
    const { connection, follow, server, clock } = followSetup();
    const { reading } = follow();
    await reading.now();
    connection.stream.send(active(0));
    await reading.now();
    connection.onStream = (stream) => stream.fail(BROKEN);
    connection.stream.fail(BROKEN);
    await clock.advance(4_500);
    expect(server.asked).toBe(4);
    server.task = later(5, { status: "completed" });
    await clock.advance(1_000);
    expect([await reading.now(), clock.pending]).toEqual([["working", "completed"], 0]);
  });

  it("events that are no task states are handed on, and hint that it is time to ask", async () => {
    const results: unknown[] = [];
    const { connection, follow, server, clock } = followSetup({
      onEvent: ({ data }) => {
        results.push(data);
        throw new Error("handler");
      },
    });
    const { reading } = follow();
    await reading.now();
    connection.stream.send(
      active(0),
      stateEvent(1, { stage: "lint" }),
      stateEvent(2, { ...WORKING, taskId: "u" }),
    );
    await reading.now();
    server.task = later(5, { statusMessage: "linted" });
    await clock.advance(1_000);
    expect([await reading.now(), server.asked]).toEqual([["working", "working linted"], 1]);
    expect(results).toHaveLength(2);
    await clock.advance(10_000);
    expect(server.asked).toBe(1);
  });

  it("a gap hints too: what was lost may have been the end", async () => {
    const { connection, follow, server, clock } = followSetup();
    const { reading } = follow();
    server.task = later(5, { status: "completed" });
    await reading.now();
    connection.stream.send(active(7, { truncated: true }));
    await clock.advance(1_000);
    expect([await reading.now(), server.asked]).toEqual([["working", "completed"], 1]);
  });
});

describe("TASK-1: tasks/get", () => {
  it("without an event source, or with one that cannot be read, it is all there is", async () => {
    for (const eventSource of [undefined, null, "task.status", { input: {} }]) {
      const { connection, follow, server, clock } = followSetup();
      const { reading } = follow({ task: WORKING, eventSource });
      await clock.advance(2_000);
      server.task = later(5, { status: "completed" });
      await clock.advance(1_000);
      expect([await reading.now(), server.asked]).toEqual([["working", "completed"], 3]);
      expect(connection.streams).toEqual([]);
    }
  });

  it("a few failures pass; many in a row end it, unless events come", async () => {
    const { connection, follow, server, clock } = followSetup({ maxFailures: 3, livePollMs: 1_000 });
    const { follower, reading } = follow();
    await reading.now();
    connection.stream.send(active(0));
    server.task = BROKEN;
    await clock.advance(10_000);
    expect([server.asked, reading.done]).toEqual([10, false]);
    connection.stream.send(terminated(FINISHED, 0));
    await clock.advance(1_000);
    await reading.now();
    expect(reading.error).toBe(BROKEN);
    await expect(follower.result()).rejects.toBe(BROKEN);
    expect(clock.pending).toBe(0);
  });

  it("a task that the server does not know ends it", async () => {
    const { follow, server, clock, connection } = followSetup();
    const { reading } = follow();
    await reading.now();
    server.task = UNKNOWN_TASK;
    await clock.advance(1_000);
    await reading.now();
    expect([reading.error, connection.openStreams]).toEqual([UNKNOWN_TASK, 0]);
  });

  it("a server without tasks/get is followed by its events alone; without them it cannot be followed", async () => {
    const { connection, follow, server, clock } = followSetup();
    const { reading } = follow();
    server.task = UNKNOWN_METHOD;
    await clock.advance(1_000);
    connection.stream.send(active(0));
    await clock.advance(50_000);
    expect([server.asked, reading.done]).toEqual([1, false]);
    connection.stream.send(terminated(FINISHED, 0));
    await reading.now();
    expect(reading.error).toBe(UNKNOWN_METHOD);
  });
});

describe("a follower", () => {
  it("of a task that is over has one state, and asks for nothing but the result", async () => {
    const { connection, follow, server } = followSetup();
    const done = later(1, { status: "completed" });
    const { follower, reading } = follow({ task: done, eventSource: { name: "task.status", input: {} } });
    expect([await reading.now(), reading.done]).toEqual([["completed"], true]);
    expect(await follower.result()).toEqual({ content: ["done"] });
    expect([server.asked, connection.streams.length]).toEqual([0, 0]);
  });

  it("does not ask without a pause, though the task asks for none", async () => {
    const { follow, server, clock } = followSetup();
    const task = { ...WORKING, pollInterval: 0 };
    server.task = task;
    const { follower } = follow({ task });
    await clock.advance(1_000);
    expect(server.asked).toBe(10);
    await follower.close();
  });

  it("gives the result without being iterated over, and what the server says instead of one", async () => {
    const { follow, server, clock, connection } = followSetup();
    const { follower } = follow();
    const result = follower.result();
    result.catch(() => {});
    const none = new WireError("InternalError", "no result stored");
    server.result = none;
    await clock.advance(0);
    connection.stream.send(active(0), stateEvent(1, later(1, { status: "cancelled" })));
    await expect(result).rejects.toBe(none);
  });

  it("that is closed leaves nothing behind and has no result", async () => {
    const { follow, clock, connection } = followSetup();
    const { follower, reading } = follow();
    await reading.now();
    connection.stream.send(active(0));
    await reading.now();
    await follower.close();
    await follower.close();
    expect([await reading.now(), reading.done, reading.error]).toEqual([["working"], true, undefined]);
    expect([connection.openStreams, clock.pending]).toEqual([0, 0]);
    await expect(follower.result()).rejects.toMatchObject({ code: "closed" });
  });

  it("goes on where a loop was left", async () => {
    const { follow, connection } = followSetup();
    const { follower, reading } = follow();
    void reading;
    connection.onStream = (stream) =>
      stream.send(active(0), stateEvent(1, later(1, { status: "completed" })));
    await reading.now();
    const again: unknown[] = [];
    for await (const state of follower) again.push(state);
    expect([reading.seen.at(-1), again]).toEqual(["completed", []]);
  });

  it("refuses options that make no sense, naming the field", () => {
    expect(() => followSetup({ pollMs: 0 }).follow()).toThrow(/pollMs/);
    expect(() => followSetup().follow({ content: [] })).toThrow(/created/);
  });
});
