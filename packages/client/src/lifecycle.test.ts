import { memoryPositions } from "@mcp-events/ordering";
import {
  defineEvent,
  EventsError,
  METHODS,
  NOTIFICATIONS,
  serverCapabilities,
  WireError,
} from "@mcp-events/protocol";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import * as z from "zod";
import { settle } from "../../ordering/src/testing/manual-clock";
import { createEventClient } from "./create-event-client";
import { FakeConnection } from "./testing/fake-connection";
import { next, Reading, setUp, subscribePush } from "./testing/setup";
import { active, cursorAt, event, lists, page, terminated } from "./testing/wire";

const unhandled: unknown[] = [];
const note = (reason: unknown) => void unhandled.push(reason);
beforeEach(() => void process.on("unhandledRejection", note));
afterEach(async () => {
  await settle();
  process.off("unhandledRejection", note);
  expect(unhandled.splice(0)).toEqual([]);
});

describe("discovery", () => {
  it("LIST-1: list reads all pages", async () => {
    const { client, connection } = setUp();
    const one = (name: string) => ({
      name,
      description: "",
      delivery: ["poll"],
      inputSchema: {},
      payloadSchema: {},
    });
    connection.handlers.set(METHODS.list, ({ cursor }) =>
      cursor === "2" ? { events: [one("b")] } : { events: [one("a")], nextCursor: "2" },
    );
    expect((await client.list()).map(({ name }) => name)).toEqual(["a", "b"]);
  });

  it("a malformed descriptor is left out, a mode this library does not know too", async () => {
    const { client, connection, warnings } = setUp();
    connection.handlers.set(METHODS.list, () => ({
      events: [{ name: 5 }, { name: "a", delivery: ["pigeon", "push"] }, null],
    }));
    expect(await client.list()).toMatchObject([{ name: "a", delivery: ["push"] }]);
    expect(warnings).toHaveLength(2);
  });

  it("a list without end is not read without end", async () => {
    const { client, connection } = setUp();
    let page = 0;
    connection.handlers.set(METHODS.list, () => ({ events: [], nextCursor: `${++page}` }));
    await expect(client.list()).rejects.toMatchObject({ code: "transport_failed" });
    expect(page).toBe(1_000);
  });

  it("CAP-3: sends no events/* to a server that declared neither form", async () => {
    const { client, connection } = setUp();
    connection.capabilities = { tools: {} };
    const error = { code: "not_an_events_server" };
    await expect(client.list()).rejects.toMatchObject(error);
    await expect(client.subscribe("note.created")).rejects.toMatchObject(error);
    expect([connection.requests, connection.streams]).toEqual([[], []]);
  });

  it("CAP-2: the top-level form alone is enough", async () => {
    const { client, connection } = setUp();
    connection.capabilities = { events: {} };
    expect(await client.list()).toHaveLength(1);
  });

  it("an MCP client that is not connected is told so", async () => {
    const { client, connection } = setUp();
    connection.capabilities = undefined;
    await expect(client.list()).rejects.toMatchObject({ code: "transport_failed" });
  });

  it("LIST-3: onListChanged tells of changes until it is stopped", async () => {
    const { client, connection } = setUp();
    let told = 0;
    const stop = client.onListChanged(() => {
      told += 1;
    });
    connection.notify(NOTIFICATIONS.listChanged);
    stop();
    connection.notify(NOTIFICATIONS.listChanged);
    expect(told).toBe(1);
    client.onListChanged(() => {});
    await client.close();
    expect(connection.listeners.get(NOTIFICATIONS.listChanged)?.size).toBe(0);
  });
});

describe("subscribing", () => {
  it("no compatible delivery mode: the error lists what is offered", async () => {
    const { client } = setUp({}, ["webhook"]);
    await expect(client.subscribe("note.created")).rejects.toMatchObject({
      code: "no_compatible_delivery_mode",
      message: expect.stringContaining("offered by webhook"),
    });
  });

  it("modes are taken in the order of preference that the caller gives", async () => {
    const { client, connection } = setUp();
    connection.handlers.set(METHODS.poll, () => page([], 5));
    const subscription = await client.subscribe(
      "note.created",
      {},
      { delivery: ["webhook", "poll", "push"] },
    );
    expect(subscription.mode).toBe("poll");
  });

  it("a refusal of the server is what subscribe rejects with, and leaves nothing behind", async () => {
    for (const [name, data] of [
      ["NotFound", { kind: "event" }],
      ["Forbidden", {}],
      ["InvalidParams", {}],
      ["ResourceExhausted", { limit: "subscriptions", max: 5 }],
    ] as const) {
      const { client, connection, clock } = setUp({}, ["push"]);
      connection.onStream = (stream) => stream.fail(new WireError(name, "no", data));
      await expect(client.subscribe("note.created")).rejects.toMatchObject({ error: name });
      expect([client.subscriptions, connection.openStreams, clock.pending]).toEqual([[], 0, 0]);
    }
  });

  it("a type that is not listed is the server's to refuse", async () => {
    const { client, connection } = setUp();
    connection.onStream = (stream) => stream.fail(new WireError("NotFound", "unknown", { kind: "event" }));
    await expect(client.subscribe("nothing.here")).rejects.toMatchObject({ error: "NotFound" });
  });

  it("a server that cannot be reached is tried maxOpenAttempts times", async () => {
    const { client, connection, clock } = setUp({ maxOpenAttempts: 4 }, ["push"]);
    connection.onStream = (stream) => stream.fail();
    const opening = client.subscribe("note.created");
    const failed = expect(opening).rejects.toMatchObject({ code: "stream_ended" });
    await clock.advance(60_000);
    await failed;
    expect([connection.streams.length, clock.pending]).toEqual([4, 0]);
  });

  it("a definition gives types, and its schema reads the payload", async () => {
    const { client, connection } = setUp();
    const created = defineEvent("note.created", {
      description: "",
      inputSchema: z.object({ author: z.string() }),
      payloadSchema: z.object({
        n: z
          .number()
          .max(6)
          .transform((n) => ({ doubled: 2 * n })),
      }),
    });
    connection.onStream = (stream) => stream.send(active(5), event(6), event(7));
    const subscription = await client.subscribe(created, { author: "ada" });
    const iterator = subscription[Symbol.asyncIterator]();
    const first = await iterator.next();
    expect(!first.done && first.value.kind === "event" && first.value.data.n.doubled).toBe(12);
    // What does not fit the definition cannot be handed to its handler: it is reported, not swallowed.
    expect(await iterator.next()).toMatchObject({
      value: { kind: "gap", reason: "lost", from: { seq: 6 }, to: { seq: 7 } },
    });
    expect(connection.stream.params.arguments).toEqual({ author: "ada" });
  });

  it("options are checked, and the error names the field", async () => {
    for (const [options, field] of [
      [{ heartbeatMs: 0 }, "heartbeatMs"],
      [{ maxBuffered: 1.5 }, "maxBuffered"],
      [{ backoff: { initialMs: 100, maxMs: 50 } }, "backoff.maxMs"],
      [{ minPollMs: Number.NaN }, "minPollMs"],
    ] as const) {
      expect(() => createEventClient(new FakeConnection(), options)).toThrow(
        expect.objectContaining({ code: "option_invalid", message: expect.stringContaining(field) }),
      );
    }
    await expect(setUp().client.subscribe("x", {}, { maxAgeMs: -1 })).rejects.toMatchObject({
      code: "option_invalid",
      message: expect.stringContaining("maxAgeMs"),
    });
  });
});

describe("committing and leaving", () => {
  it("leaving the loop keeps the subscription and hands out again what was not committed", async () => {
    const setup = setUp();
    const subscription = await subscribePush(setup, 5);
    setup.connection.stream.send(event(6), event(7), event(8));
    for await (const item of subscription) if (item.kind === "event" && item.eventId === "e7") break;
    expect(await next(subscription[Symbol.asyncIterator](), 2)).toEqual([7, 8]);
  });

  it("ORDERING rule 20: a handler that throws gets its event again", async () => {
    const setup = setUp();
    const subscription = await subscribePush(setup, 5);
    setup.connection.stream.send(event(6), event(7));
    const handled: number[] = [];
    let fails = true;
    const run = async () => {
      for await (const item of subscription) {
        if (item.kind !== "event") continue;
        if (item.eventId === "e7" && fails) {
          fails = false;
          throw new Error("handler");
        }
        handled.push((item.data as { n: number }).n);
        if (item.eventId === "e7") return;
      }
    };
    await run().catch(() => {});
    await run();
    expect(handled).toEqual([6, 7]);
  });

  it("calls of next that overlap take turns", async () => {
    const setup = setUp();
    const subscription = await subscribePush(setup, 5);
    const iterator = subscription[Symbol.asyncIterator]();
    const both = [iterator.next(), iterator.next()];
    setup.connection.stream.send(event(6), event(7));
    expect(
      (await Promise.all(both)).map((one) => !one.done && one.value.kind === "event" && one.value.eventId),
    ).toEqual(["e6", "e7"]);
  });

  it("[pitfall 19] with explicit commits, what is handed out and not committed is bounded", async () => {
    const setup = setUp({ maxUncommitted: 2 });
    const subscription = await subscribePush(setup, 5, { commit: "explicit" });
    setup.connection.stream.send(event(6), event(7), event(8));
    const reading = new Reading(subscription);
    expect(await reading.shown()).toEqual([6, 7]);
    await reading.items[0]?.commit();
    expect(await reading.shown()).toEqual([6, 7, 8]);
  });

  it("an item of another subscription cannot be committed here", async () => {
    const setup = setUp();
    const one = await subscribePush(setup, 5);
    const other = await subscribePush(setup, 5);
    setup.connection.stream.send(event(6));
    const { value } = await other[Symbol.asyncIterator]().next();
    await expect(one.commit(value!)).rejects.toMatchObject({ code: "option_invalid" });
  });
});

describe("closing", () => {
  it("[pitfall 27] close ends the iterator and leaves no stream, timer or listener behind", async () => {
    const setup = setUp();
    const subscription = await subscribePush(setup, 5);
    const reading = new Reading(subscription);
    await settle();
    expect(setup.client.subscriptions).toEqual([subscription]);
    await subscription.close();
    await subscription.close();
    await reading.shown();
    expect([reading.done, reading.error, subscription.state]).toEqual([true, undefined, "closed"]);
    expect([setup.connection.openStreams, setup.clock.pending, setup.client.subscriptions]).toEqual([
      0,
      0,
      [],
    ]);
    await setup.clock.advance(600_000);
    expect(setup.connection.streams).toHaveLength(1);
  });

  it("await using closes", async () => {
    const setup = setUp();
    {
      await using subscription = await subscribePush(setup, 5);
      expect(subscription.state).toBe("live");
    }
    expect(setup.connection.openStreams).toBe(0);
  });

  it("a signal closes the subscription, and one that is aborted opens none", async () => {
    const setup = setUp();
    const abort = new AbortController();
    const reading = new Reading(await subscribePush(setup, 5, { signal: abort.signal }));
    abort.abort();
    await reading.shown();
    expect([reading.done, reading.error, setup.connection.openStreams]).toEqual([true, undefined, 0]);
    await expect(setup.client.subscribe("note.created", {}, { signal: abort.signal })).rejects.toMatchObject({
      code: "closed",
    });
  });

  it("[pitfall 22] a signal that aborts while the subscription opens rejects, and leaves nothing behind", async () => {
    const setup = setUp();
    const abort = new AbortController();
    const opening = setup.client.subscribe("note.created", {}, { signal: abort.signal });
    const failed = expect(opening).rejects.toMatchObject({ code: "closed" });
    await settle();
    abort.abort();
    await failed;
    expect([setup.connection.openStreams, setup.clock.pending, setup.client.subscriptions]).toEqual([
      0,
      0,
      [],
    ]);
  });

  it("a connection that is closed while types are listed ends the subscribe that waits for them, at once", async () => {
    const setup = setUp({ maxOpenAttempts: 1_000 });
    setup.connection.handlers.set(METHODS.list, () => {
      throw new EventsError("transport_failed", "closed", { retryable: true });
    });
    setup.connection.close();
    const failed = expect(setup.client.subscribe("note.created")).rejects.toMatchObject({ code: "closed" });
    await settle();
    await failed;
    expect(setup.clock.pending).toBe(0);
  });

  it("client.close stops everything, in every mode and stage", async () => {
    const setup = setUp();
    setup.connection.handlers.set(METHODS.poll, () => page([], 5));
    await subscribePush(setup, 5);
    await setup.client.subscribe("note.created", { a: 1 }, { delivery: "poll" });
    const opening = expect(setup.client.subscribe("note.created", { a: 2 })).rejects.toMatchObject({
      code: "closed",
    });
    await settle();
    await setup.client.close();
    await opening;
    expect([setup.connection.openStreams, setup.clock.pending, setup.client.subscriptions]).toEqual([
      0,
      0,
      [],
    ]);
    await expect(setup.client.subscribe("note.created")).rejects.toMatchObject({ code: "closed" });
  });

  it("client.close ends the iteration of what ended before and has items left, too", async () => {
    const setup = setUp();
    const subscription = await subscribePush(setup, 5);
    setup.connection.stream.send(event(6), event(7), event(8));
    const iterator = subscription[Symbol.asyncIterator]();
    expect(await next(iterator)).toEqual([6]);
    setup.connection.close();
    expect(await next(iterator)).toEqual([7]);
    await setup.client.close();
    expect(await iterator.next()).toEqual({ done: true, value: undefined });
  });

  it("ORD-3 ORD-9: who subscribes again takes the position over from what ended and has items left", async () => {
    const setup = setUp({ positions: memoryPositions() });
    const first = await subscribePush(setup, 5);
    const removed = new WireError("NotFound", "removed");
    setup.connection.stream.send(event(6), event(7), event(8), terminated(removed, 8));
    const before = first[Symbol.asyncIterator]();
    expect(await next(before, 2)).toEqual([6, 7]);

    const second = await subscribePush(setup, 6);
    setup.connection.stream.send(event(7), event(8));
    const after = second[Symbol.asyncIterator]();
    expect(await next(after)).toEqual([7]);
    expect(await before.next()).toEqual({ done: true, value: undefined });
    expect(await next(after)).toEqual([8]);
    expect(setup.connection.stream.params).toMatchObject({ cursor: cursorAt(6) });
  });

  it("500 subscriptions opened and dropped leave nothing behind", async () => {
    const setup = setUp();
    lists(setup.connection);
    setup.connection.onStream = (stream) => stream.send(active(5));
    for (let count = 0; count < 500; count += 1) {
      const subscription = await setup.client.subscribe("note.created");
      await subscription.close();
    }
    expect([setup.connection.openStreams, setup.clock.pending, setup.client.subscriptions]).toEqual([
      0,
      0,
      [],
    ]);
  });

  it("a server that declares events after all is served", async () => {
    const setup = setUp();
    setup.connection.capabilities = serverCapabilities({ listChanged: false });
    expect((await subscribePush(setup, 5)).state).toBe("live");
  });
});
