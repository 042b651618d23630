import { memoryPositions, type PositionStore, type StoredPosition } from "@mcp-events/ordering";
import { METHODS } from "@mcp-events/protocol";
import { describe, expect, it } from "vitest";
import { settle } from "../../ordering/src/testing/manual-clock";
import { next, Reading, setUp, subscribePush } from "./testing/setup";
import { active, cursorAt, event, heartbeat, lists, page } from "./testing/wire";

/** A store that can be looked into, and that fails or waits on demand. */
function spyPositions() {
  const inner = memoryPositions();
  const writes: StoredPosition[] = [];
  const spy = {
    writes,
    fails: undefined as Error | undefined,
    waits: undefined as Promise<void> | undefined,
    get: inner.get,
    delete: inner.delete,
    set(key: string, position: StoredPosition) {
      if (spy.fails !== undefined) throw spy.fails;
      writes.push(position);
      inner.set(key, position);
      return spy.waits;
    },
  };
  return spy satisfies PositionStore as typeof spy;
}

describe("ORD-9: positions", () => {
  it("pulling the next item commits the one before, and only that", async () => {
    const positions = spyPositions();
    const setup = setUp({ positions });
    const subscription = await subscribePush(setup, 5);
    setup.connection.stream.send(event(6), event(7));
    const iterator = subscription[Symbol.asyncIterator]();
    await iterator.next();
    expect(positions.writes.at(-1)).toMatchObject({ cursor: cursorAt(5), state: { through: 5 } });
    await iterator.next();
    expect(positions.writes.at(-1)).toMatchObject({ cursor: cursorAt(6), state: { through: 6 } });
    expect(subscription.cursor).toBe(cursorAt(6));
  });

  it("with explicit commits only commit stores, at once where the store answers at once", async () => {
    const positions = spyPositions();
    const setup = setUp({ positions });
    const subscription = await subscribePush(setup, 5, { commit: "explicit" });
    setup.connection.stream.send(event(6), event(7));
    const reading = new Reading(subscription);
    await reading.shown();
    expect(positions.writes.at(-1)).toMatchObject({ state: { through: 5 } });
    void reading.items[0]?.commit();
    expect(positions.writes.at(-1)).toMatchObject({ state: { through: 6 } });
  });

  it("a restarted client goes on after what was committed, and repeats what was not", async () => {
    const positions = memoryPositions();
    const first = setUp({ positions });
    const before = await subscribePush(first, 5);
    first.connection.stream.send(event(6), event(7), event(8));
    expect(await next(before[Symbol.asyncIterator](), 2)).toEqual([6, 7]);

    const second = setUp({ positions });
    second.connection.onStream = (stream) => stream.send(active(6), event(7), event(8));
    const after = await second.client.subscribe("note.created");
    expect(second.connection.stream.params.cursor).toBe(cursorAt(6));
    expect(await next(after[Symbol.asyncIterator](), 2)).toEqual([7, 8]);
  });

  it("ORD-3: inside a page the position is exact, although the cursor is the page's", async () => {
    const positions = memoryPositions();
    const poll = () =>
      page(
        [
          [6, 5],
          [7, 6],
          [8, 7],
        ],
        8,
      );
    const first = setUp({ positions });
    first.connection.handlers.set(METHODS.poll, poll);
    const options = { delivery: "poll", cursor: cursorAt(5) } as const;
    const before = await first.client.subscribe("note.created", {}, options);
    expect(await next(before[Symbol.asyncIterator](), 3)).toEqual([6, 7, 8]);

    const second = setUp({ positions });
    second.connection.handlers.set(METHODS.poll, poll);
    const after = await second.client.subscribe("note.created", {}, options);
    expect(second.connection.paramsOf(METHODS.poll)[0]).toMatchObject({ cursor: cursorAt(5) });
    expect(await next(after[Symbol.asyncIterator]())).toEqual([8]);
  });

  it("a server without positions: the eventIds committed since the cursor are stored with it", async () => {
    const positions = spyPositions();
    const poll = () => ({
      events: ["1", "2", "3"].map((id) => ({
        eventId: id,
        name: "n",
        timestamp: "t",
        data: { n: Number(id) },
      })),
      cursor: "b",
    });
    const first = setUp({ positions });
    first.connection.handlers.set(METHODS.poll, poll);
    const options = { delivery: "poll", cursor: "a" } as const;
    const before = await first.client.subscribe("note.created", {}, options);
    expect(await next(before[Symbol.asyncIterator](), 3)).toEqual([1, 2, 3]);
    expect(positions.writes.at(-1)).toEqual({ version: 1, cursor: "a", recent: ["1", "2"] });

    const second = setUp({ positions });
    second.connection.handlers.set(METHODS.poll, poll);
    const after = await second.client.subscribe("note.created", {}, options);
    expect(await next(after[Symbol.asyncIterator]())).toEqual([3]);
  });

  it("[pitfall 10] CUR-4: the position is stored in quiet times too, from the start on", async () => {
    const positions = spyPositions();
    const setup = setUp({ positions });
    await subscribePush(setup, 5);
    expect(positions.writes).toMatchObject([{ cursor: cursorAt(5) }]);
    setup.connection.stream.send(heartbeat(50));
    await settle();
    expect(positions.writes.at(-1)).toMatchObject({ cursor: cursorAt(50), state: { through: 50 } });
  });

  it("guarantee key: what is committed ahead of C is stored and not repeated", async () => {
    const positions = spyPositions();
    const setup = setUp({ positions });
    lists(setup.connection, ["push"], "key");
    const subscription = await subscribePush(setup, 5, { commit: "explicit" });
    setup.connection.stream.send(
      event(6, 5, { key: "a", keyPrev: 0 }),
      event(7, 6, { key: "b", keyPrev: 0 }),
    );
    const reading = new Reading(subscription);
    await reading.shown();
    await reading.items[1]?.commit();
    expect(positions.writes.at(-1)).toMatchObject({
      cursor: cursorAt(5),
      state: { through: 5, ahead: [[6, 7]] },
    });
  });

  it("id and arguments tell positions apart; two subscriptions never write one position", async () => {
    const positions = memoryPositions();
    const setup = setUp({ positions });
    const one = await subscribePush(setup, 5);
    await expect(setup.client.subscribe("note.created")).rejects.toMatchObject({
      code: "option_invalid",
      message: expect.stringContaining("id"),
    });
    await subscribePush(setup, 9, { id: "second" });
    expect(setup.connection.stream.params.cursor).toBeNull();
    await one.close();
    await subscribePush(setup, 5);
    expect(setup.connection.stream.params.cursor).toBe(cursorAt(5));
  });

  it("a stored position comes before the cursor option", async () => {
    const positions = memoryPositions();
    await (await subscribePush(setUp({ positions }), 5)).close();
    const setup = setUp({ positions });
    await subscribePush(setup, 5, { cursor: "elsewhere" });
    expect(setup.connection.stream.params.cursor).toBe(cursorAt(5));
  });

  it("a store that cannot be read fails subscribe: it never begins from now in silence", async () => {
    const broken = { get: () => Promise.reject(new Error("disk")), set() {}, delete() {} };
    const setup = setUp({ positions: broken });
    await expect(setup.client.subscribe("note.created")).rejects.toMatchObject({
      code: "position_store_failed",
    });
    expect(setup.connection.streams).toEqual([]);
  });

  it("a store that cannot be written fails the pull after the item, and the next save catches up", async () => {
    const positions = spyPositions();
    const setup = setUp({ positions });
    const subscription = await subscribePush(setup, 5);
    setup.connection.stream.send(event(6), event(7), event(8));
    const iterator = subscription[Symbol.asyncIterator]();
    await iterator.next();
    positions.fails = new Error("disk full");
    await expect(iterator.next()).rejects.toMatchObject({ code: "position_store_failed", retryable: true });
    positions.fails = undefined;
    expect(await next(iterator, 2)).toEqual([7, 8]);
    expect(positions.writes.at(-1)).toMatchObject({ state: { through: 7 } });
  });

  it("writes are one at a time, and what is committed meanwhile goes with the next", async () => {
    const positions = spyPositions();
    const setup = setUp({ positions });
    const subscription = await subscribePush(setup, 5, { commit: "explicit" });
    setup.connection.stream.send(event(6), event(7), event(8));
    const reading = new Reading(subscription);
    await reading.shown();
    let finish = () => {};
    positions.waits = new Promise((resolve) => {
      finish = resolve;
    });
    const before = positions.writes.length;
    const commits = reading.items.map((item) => item.commit());
    await settle();
    expect(positions.writes.length - before).toBe(1);
    positions.waits = undefined;
    finish();
    await Promise.all(commits);
    expect(positions.writes.slice(before).map(({ state }) => state?.through)).toEqual([6, 8]);
  });
});
