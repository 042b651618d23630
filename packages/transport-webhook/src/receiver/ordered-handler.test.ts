import { memoryPositions, type PositionStore } from "@mcp-events/ordering";
import type { JsonObject } from "@mcp-events/protocol";
import { describe, expect, test, vi } from "vitest";
import { settle } from "../../../ordering/src/testing/manual-clock";
import { orderedHandler } from "./ordered-handler";
import type { OrderedHandlerOptions } from "./ordered-options";
import { webhookReceiver } from "./receiver";
import { delivery, event as plainEvent } from "./testing/deliveries";
import { event, LOG, meta, setup, truncated } from "./testing/ordered-setup";

describe("marked events", () => {
  test("ORD-1 ORDERING rule 18: what overtook waits; accepted means handled", async () => {
    const { take, log, outcomes, finish, working } = setup({}, false);
    await take(event(3, 2));
    await take(event(2, 1));
    expect(working()).toEqual([]);
    await take(event(1, 0));
    expect([working(), outcomes]).toEqual([["e1"], {}]);
    await finish("e1");
    expect([working(), outcomes]).toEqual([["e2"], { e1: "accepted" }]);
    await finish("e2");
    await finish("e3");
    expect(log).toEqual(["e1", "e2", "e3"]);
    expect(outcomes).toEqual({ e1: "accepted", e2: "accepted", e3: "accepted" });
  });

  test("ORDERING rule 19: what waits longer than holdMs is sent again", async () => {
    const { take, log, outcomes, clock } = setup({ holdMs: 2_000 });
    await take(event(2, 1));
    await clock.advance(1_000);
    await take(event(3, 2));
    await clock.advance(999);
    expect(outcomes).toEqual({});
    await clock.advance(1);
    expect(outcomes).toEqual({ e2: "retry" });
    await clock.advance(1_000);
    expect(outcomes).toEqual({ e2: "retry", e3: "retry" });
    for (const seq of [1, 2, 3]) await take(event(seq, seq - 1));
    expect(log).toEqual(["e1", "e2", "e3"]);
    expect(clock.pending).toBe(0);
  });

  test("ORD-3 ORDERING rule 17: a copy is accepted when the event is committed, without the handler", async () => {
    const { take, log, outcomes, finish, working } = setup({}, false);
    await take(event(1, 0), "first");
    await take(event(1, 0), "copy");
    expect([working(), outcomes]).toEqual([["e1"], {}]);
    await finish("e1");
    await take(event(1, 0), "late");
    expect(outcomes).toEqual({ first: "accepted", copy: "accepted", late: "accepted" });
    expect(log).toEqual(["e1"]);
  });

  test("ORDERING rule 20: a failure returns the lane: it and what is behind it is sent again", async () => {
    const { take, log, outcomes, finish, working } = setup({}, false);
    for (const seq of [1, 2, 4]) await take(event(seq, seq - 1));
    await finish("e1", new Error("not now"));
    expect(outcomes).toEqual({ e1: "retry", e2: "retry", e4: "retry" });
    for (const seq of [1, 2]) await take(event(seq, seq - 1), `again ${seq}`);
    expect(working()).toEqual(["e1"]);
    await finish("e1");
    await finish("e2");
    expect(log).toEqual(["e1", "e2"]);
  });

  test("ORD-1 ORDERING rule 20: keys are lanes: one that is slow or fails stops no other", async () => {
    const { take, log, outcomes, finish, working } = setup({ guarantee: "key" }, false);
    await take(event(1, 0, { key: "a", keyPrev: 0 }));
    await take(event(2, 1, { key: "a", keyPrev: 1 }));
    await take(event(3, 2, { key: "b", keyPrev: 0 }));
    expect(working()).toEqual(["e1", "e3"]);
    await finish("e3");
    await finish("e1", new Error("not now"));
    expect(outcomes).toEqual({ e1: "retry", e2: "retry", e3: "accepted" });
    await take(event(1, 0, { key: "a", keyPrev: 0 }), "again");
    await finish("e1");
    expect([log, outcomes.again]).toEqual([["e3", "e1"], "accepted"]);
  });

  test("ORD-2 ORDERING rule 14: the gap of an event that was given up comes in its place", async () => {
    const { take, log } = setup();
    await take(event(3, 2));
    await take({ type: "gap", cursor: null, _meta: meta({ seq: 2, prev: 1 }) });
    await take(event(1, 0));
    expect(log).toEqual(["e1", "given_up 1-2", "e3"]);
  });

  test("by key a gap goes alone: after what was released before it, before what follows", async () => {
    const { take, log, finish, working } = setup({ guarantee: "key" }, false);
    await take(event(1, 0, { key: "a", keyPrev: 0 }));
    await take({ type: "gap", _meta: meta({ seq: 2, prev: 1, key: "b", keyPrev: 0 }) });
    await take(event(3, 2, { key: "c", keyPrev: 0 }));
    expect(working()).toEqual(["e1"]);
    await finish("e1");
    expect(working()).toEqual(["given_up 1-2"]);
    await finish("given_up 1-2");
    await finish("e3");
    expect(log).toEqual(["e1", "given_up 1-2", "e3"]);
  });

  test("ORDERING rule 15: a new epoch is told before its events, and what is left of the old one is dropped", async () => {
    const { take, log, outcomes } = setup();
    await take(event(5, 4, { settled: 4 }));
    await take(event(2, 1, { epoch: 2, settled: 1 }), "new");
    await take(event(6, 5, { settled: 4 }), "old");
    expect(log).toEqual(["e5", "reset -1", "e2"]);
    expect(outcomes).toEqual({ e5: "accepted", new: "accepted", old: "accepted" });
  });
});

describe("positions", () => {
  test("ORD-9: accepted means stored; what could not be stored is sent again and not handled again", async () => {
    const positions = memoryPositions();
    const set = vi.spyOn(positions, "set");
    set.mockRejectedValueOnce(new Error("the disk is full"));
    const { take, log, outcomes } = setup({ positions });
    await take(event(1, 0), "first");
    await take(event(1, 0), "second");
    expect(outcomes).toEqual({ first: "retry", second: "accepted" });
    expect(log).toEqual(["e1"]);
    expect(await positions.get("k")).toMatchObject({ state: { ...LOG, through: 1 } });
  });

  test("ORD-3 ORD-9: the next process knows what this one was done with", async () => {
    const positions = memoryPositions();
    const before = setup({ positions });
    await before.take(event(1, 0));
    await before.take(event(2, 1));
    const after = setup({ positions });
    await after.take(event(2, 1));
    await after.take(event(3, 2));
    expect(after.outcomes).toEqual({ e2: "accepted", e3: "accepted" });
    expect(after.log).toEqual(["e3"]);
  });

  test("ORD-2 ORDERING rule 16: what was settled and never came is told as lost, and nothing else is", async () => {
    const positions = memoryPositions();
    const before = setup({ positions });
    await before.take(event(1, 0));
    const after = setup({ positions });
    // 2 and 3 were given up and their gaps let go; 4 is still on its way.
    await after.take(event(5, 4, { settled: 3 }));
    expect(after.log).toEqual(["lost 1-3"]);
    await after.take(event(4, 3, { settled: 3 }));
    expect(after.log).toEqual(["lost 1-3", "e4", "e5"]);
    expect(after.outcomes).toEqual({ e4: "accepted", e5: "accepted" });
    expect(after.clock.pending).toBe(0);
  });

  test("ORD-2: also without a store, what was let go after something was handled is told as lost", async () => {
    const { take, log, outcomes } = setup();
    await take(event(1, 0));
    await take(event(3, 2, { settled: 2 }));
    expect(log).toEqual(["e1", "lost 1-2", "e3"]);
    expect(outcomes).toEqual({ e1: "accepted", e3: "accepted" });
  });

  test("ORDERING rule 16: without a store it begins at what is settled", async () => {
    const { take, log } = setup();
    await take(event(8, 5, { settled: 5 }));
    expect(log).toEqual(["e8"]);
  });

  test("ORDERING rule 13: a cursor is given out once its event is committed", async () => {
    const positions = memoryPositions();
    const { take, handler, finish } = setup({ positions }, false);
    await take(event(1, 0));
    expect(handler.cursor).toBeNull();
    await finish("e1");
    expect(handler.cursor).toBe("c0");
    const next = setup({ positions });
    expect(next.handler.cursor).toBeNull();
    await next.handler.load();
    expect(next.handler.cursor).toBe("c0");
  });

  test("a store that cannot be read is never taken for an empty one", async () => {
    const positions: PositionStore = memoryPositions();
    const get = vi.spyOn(positions, "get").mockRejectedValueOnce(new Error("locked"));
    const { take, log, outcomes } = setup({ positions });
    await take(event(1, 0), "first");
    expect([outcomes, log]).toEqual([{ first: "retry" }, []]);
    await take(event(1, 0), "second");
    expect([outcomes.second, log]).toEqual(["accepted", ["e1"]]);
    expect(get).toHaveBeenCalledTimes(2);
  });
});

describe("envelopes", () => {
  test("ORD-2 ORDERING rule 21: what was skipped is told before what comes after it, and accepted once that is stored", async () => {
    const { take, log, outcomes, finish } = setup({}, false);
    await take(event(1, 0));
    await finish("e1");
    await take(truncated(9));
    await take(event(10, 9, { settled: 9 }));
    expect(outcomes).toEqual({ e1: "accepted" });
    await finish("truncated 1-9");
    expect(outcomes).toEqual({ e1: "accepted", gap: "accepted" });
    await finish("e10");
    await take(truncated(9), "copy");
    expect(outcomes.copy).toBe("accepted");
    expect(log).toEqual(["e1", "truncated 1-9", "e10"]);
  });

  test("a handler that fails at a gap gets it again", async () => {
    const { take, log, outcomes, finish } = setup({}, false);
    await take(truncated(9), "first");
    await finish("truncated -9", new Error("not now"));
    expect(outcomes).toEqual({ first: "retry" });
    await take(truncated(9), "second");
    await finish("truncated -9");
    expect([outcomes.second, log]).toEqual(["accepted", ["truncated -9"]]);
  });

  test("ORDERING rule 15: a gap of an older epoch is behind us", async () => {
    const { take, log, outcomes } = setup();
    await take(event(2, 1, { epoch: 2, settled: 1 }));
    await take(truncated(50, 1));
    await take(event(3, 2, { epoch: 2, settled: 1 }));
    expect(log).toEqual(["e2", "e3"]);
    expect(outcomes.gap).toBe("accepted");
  });

  test("HOOK-11: the end comes after everything before it", async () => {
    const { take, log, outcomes, finish, working } = setup({}, false);
    await take(event(1, 0));
    await take({ type: "terminated", error: { code: -32024, message: "no more" } });
    expect(working()).toEqual(["e1"]);
    await finish("e1");
    await finish("terminated -32024");
    expect(log).toEqual(["e1", "terminated -32024"]);
    expect(outcomes).toEqual({ e1: "accepted", terminated: "accepted" });
  });
});

describe("senders that give no positions", () => {
  const plain = (id: string, cursor: string | null = null) => ({ ...plainEvent(id), cursor }) as JsonObject;

  test("one at a time in the order of arrival, once for each eventId", async () => {
    const { take, log, outcomes, finish, working } = setup({}, false);
    await take(plain("a"));
    await take(plain("b"));
    await take(plain("a"), "copy");
    await take({ type: "gap", cursor: "c9" });
    expect(working()).toEqual(["a"]);
    await finish("a");
    await finish("b", new Error("not now"));
    await finish("truncated -");
    await take(plain("b"), "again");
    await finish("b");
    await take(plain("b"), "late");
    expect(log).toEqual(["a", "truncated -", "b"]);
    expect(outcomes).toEqual({
      a: "accepted",
      copy: "accepted",
      b: "retry",
      gap: "accepted",
      again: "accepted",
      late: "accepted",
    });
  });

  test("eventIds and the cursor survive a restart, as far as the window reaches", async () => {
    const positions = memoryPositions();
    const before = setup({ positions, dedupeWindow: 2 });
    for (const id of ["a", "b", "c"]) await before.take(plain(id, `c-${id}`));
    const after = setup({ positions, dedupeWindow: 2 });
    for (const id of ["c", "b", "a"]) await after.take(plain(id));
    expect(after.log).toEqual(["a"]);
    expect(after.handler.cursor).toBe("c-c");
  });
});

describe("behind a receiver", () => {
  async function received(answerWithinMs = 4_500) {
    const made = setup({}, false);
    const receiver = webhookReceiver({ url: "https://me.example/hooks/", clock: made.clock, answerWithinMs });
    const callback = await receiver.open({ key: "a", take: made.handler.take });
    callback.settle("sub_1");
    return { ...made, receiver, callback };
  }

  test("HOOK-18 ORD-3: a captured delivery that is replayed reaches the handler once", async () => {
    const { receiver, callback, finish, log, working } = await received();
    for (const body of [event(1, 0), plainEvent("a")]) {
      const captured = await delivery(callback, { body });
      const first = receiver.handle(captured);
      await vi.waitFor(() => expect(working()).toHaveLength(1));
      await finish(working()[0] ?? "");
      expect((await first).status).toBe(200);
      expect((await receiver.handle(captured)).status).toBe(200);
    }
    expect(log).toEqual(["e1", "a"]);
  });

  test("HOOK-18 ORD-3: a slow handler is answered 503, and the next attempt is accepted by its one run", async () => {
    const { receiver, callback, clock, finish, log, working } = await received(3_000);
    const request = await delivery(callback, { body: event(1, 0) });
    const first = receiver.handle(request);
    await vi.waitFor(() => expect(working()).toEqual(["e1"]));
    await clock.advance(3_000);
    expect(await first).toMatchObject({ status: 503, outcome: { reason: "timed_out" } });
    const second = receiver.handle(await delivery(callback, { body: event(1, 0), at: clock.now() }));
    expect(working()).toEqual(["e1"]);
    await finish("e1");
    expect((await second).status).toBe(200);
    expect(log).toEqual(["e1"]);
  });
});

test("close takes no more, refuses what is held, and waits for the handler", async () => {
  const { handler, take, outcomes, finish } = setup({}, false);
  await take(event(1, 0));
  await take(event(3, 2));
  let closed = false;
  const closing = handler.close().then(() => {
    closed = true;
  });
  await settle();
  expect([closed, outcomes]).toEqual([false, { e3: "retry" }]);
  await finish("e1");
  await closing;
  expect(outcomes.e1).toBe("accepted");
  await take(event(2, 1));
  expect(outcomes.e2).toBe("retry");
});

test("a body that is no delivery is sent back", async () => {
  const { take, outcomes, log } = setup();
  await take({ eventId: "x" });
  expect([outcomes, log]).toEqual([{ x: "retry" }, []]);
});

test("wrong options are named", () => {
  const make = (options: Partial<OrderedHandlerOptions>) => () =>
    orderedHandler({ handle: () => {}, ...options });
  expect(make({ positions: memoryPositions() })).toThrow(/key/);
  expect(make({ dedupeWindow: 0 })).toThrow(/dedupeWindow/);
  expect(make({ holdMs: -1 })).toThrow(/holdMs/);
});
