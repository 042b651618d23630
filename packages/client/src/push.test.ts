import {
  EventsError,
  METHODS,
  type Message,
  NOTIFICATIONS,
  ORDERING_EXTENSION,
  SUBSCRIPTION_ID,
  WireError,
} from "@mcp-events/protocol";
import { describe, expect, it } from "vitest";
import { settle } from "../../ordering/src/testing/manual-clock";
import { Reading, setUp, subscribePush } from "./testing/setup";
import { active, cursorAt, event, heartbeat, page, terminated } from "./testing/wire";

describe("push", () => {
  it("PUSH-1 ORD-1: hands out a stream's events in order", async () => {
    const setup = setUp();
    const subscription = await subscribePush(setup, 5);
    const reading = new Reading(subscription);
    setup.connection.stream.send(event(6), event(7));
    expect(await reading.shown()).toEqual([6, 7]);
    expect(setup.connection.stream.params).toEqual({ name: "note.created", arguments: {}, cursor: null });
    expect(reading.items[0]).toMatchObject({
      kind: "event",
      eventId: "e6",
      name: "note.created",
      mode: "push",
      position: { log: "events", epoch: 1, seq: 6 },
    });
    expect([subscription.mode, subscription.state]).toEqual(["push", "live"]);
  });

  it("ORD-4: meta is what the author put there, alike in every mode", async () => {
    const setup = setUp();
    const reading = new Reading(await subscribePush(setup, 5));
    const traced = event(6);
    const _meta = { ...(traced.params._meta as object), traceparent: "00-1", [SUBSCRIPTION_ID]: 0 };
    setup.connection.stream.send({ ...traced, params: { ...traced.params, _meta } }, event(7));
    await reading.shown();
    expect(reading.items[0]).toMatchObject({ meta: { traceparent: "00-1" } });
    expect(reading.items[0]).not.toHaveProperty(["meta", SUBSCRIPTION_ID]);
    expect(reading.items[1]).not.toHaveProperty("meta");
  });

  it("ORDERING rule 14: an event that sends a dead letter again names the event it stands for", async () => {
    const setup = setUp();
    const reading = new Reading(await subscribePush(setup, 5));
    const again = event(6);
    const { [ORDERING_EXTENSION]: mark } = again.params._meta as Record<string, object>;
    const _meta = { [ORDERING_EXTENSION]: { ...mark, redriveOf: "e2" } };
    setup.connection.stream.send({ ...again, params: { ...again.params, _meta } }, event(7));
    expect(await reading.shown()).toEqual([6, 7]);
    expect(reading.items[0]).toMatchObject({ eventId: "e6", redriveOf: "e2" });
    expect(reading.items[1]).not.toHaveProperty("redriveOf");
  });

  it("PUSH-2: subscribe resolves when the stream is active, not before", async () => {
    const { client, connection } = setUp();
    let stands = false;
    const opening = client.subscribe("note.created").then(() => {
      stands = true;
    });
    await settle();
    expect(stands).toBe(false);
    connection.stream.send(active(0));
    await opening;
    expect(stands).toBe(true);
  });

  it("[pitfall 18] PUSH-9: silence of twice the heartbeat interval is death: reopened from the last cursor", async () => {
    const setup = setUp({ heartbeatMs: 1_000 });
    const reading = new Reading(await subscribePush(setup, 5));
    const first = setup.connection.stream;
    first.send(event(6));
    await settle();
    await setup.clock.advance(1_999);
    expect(setup.connection.streams).toHaveLength(1);
    await setup.clock.advance(1 + 250);
    expect(setup.connection.streams).toHaveLength(2);
    expect(first.signal.aborted).toBe(true);
    expect(setup.connection.stream.params.cursor).toBe(cursorAt(6));
    setup.connection.stream.send(active(6), event(7));
    expect(await reading.shown()).toEqual([6, 7]);
  });

  it("PUSH-9: heartbeats keep a quiet stream alive, and a slow reader is not silence", async () => {
    const setup = setUp({ heartbeatMs: 1_000, maxBuffered: 1 });
    await subscribePush(setup, 5);
    for (let beat = 0; beat < 5; beat += 1) {
      await setup.clock.advance(1_500);
      setup.connection.stream.send(heartbeat(5));
      await settle();
    }
    setup.connection.stream.send(event(6));
    await settle();
    await setup.clock.advance(60_000);
    expect(setup.connection.streams).toHaveLength(1);
  });

  it("[pitfall 18] a graceful end is reopened from the cursor", async () => {
    const setup = setUp();
    const reading = new Reading(await subscribePush(setup, 5));
    setup.connection.stream.send(event(6));
    setup.connection.stream.end();
    await settle();
    await setup.clock.advance(250);
    expect(setup.connection.stream.params.cursor).toBe(cursorAt(6));
    setup.connection.stream.send(active(6), event(7));
    expect(await reading.shown()).toEqual([6, 7]);
  });

  it("[pitfall 18] waits grow with failures in a row, and a healthy stream resets them", async () => {
    const setup = setUp({ backoff: { initialMs: 100, maxMs: 400 } });
    await subscribePush(setup, 5, { delivery: "push" });
    const { connection, clock } = setup;
    const waits: number[] = [];
    const failAndMeasure = async (...messages: Message[]) => {
      const opened = connection.streams.length;
      connection.stream.send(...messages);
      await settle();
      connection.stream.fail();
      await settle();
      let waited = 0;
      while (connection.streams.length === opened) {
        await clock.advance(50);
        waited += 50;
      }
      waits.push(waited);
    };
    for (let count = 0; count < 4; count += 1) await failAndMeasure(active(5));
    await failAndMeasure(active(5), heartbeat(5));
    await failAndMeasure(active(5));
    expect(waits).toEqual([100, 200, 400, 400, 100, 200]);
  });

  it("ORD-3: what a reopened stream repeats is dropped by position", async () => {
    const setup = setUp();
    const reading = new Reading(await subscribePush(setup, 5));
    setup.connection.stream.send(event(6), event(7));
    setup.connection.stream.fail();
    await settle();
    await setup.clock.advance(250);
    setup.connection.stream.send(active(5), event(6), event(7), event(8));
    expect(await reading.shown()).toEqual([6, 7, 8]);
  });

  it("PUSH-6 ORD-2: a fresh active that is truncated is a gap in its place", async () => {
    const setup = setUp();
    const reading = new Reading(await subscribePush(setup, 5));
    setup.connection.stream.send(event(6), active(9, { truncated: true }), event(10));
    expect(await reading.shown()).toEqual([6, "truncated(6,9]", 10]);
  });

  it("ORD-7: a new epoch after a reconnect is a gap reset, unless the server goes on without loss", async () => {
    const setup = setUp();
    const reading = new Reading(await subscribePush(setup, 5));
    setup.connection.stream.fail();
    await settle();
    await setup.clock.advance(250);
    setup.connection.stream.send(active(0, { truncated: true, epoch: 2 }), event(1, 0, { epoch: 2 }));
    setup.connection.stream.fail();
    await settle();
    await setup.clock.advance(250);
    setup.connection.stream.send(active(3, { epoch: 3 }), event(4, 3, { epoch: 3 }));
    expect(await reading.shown()).toEqual(["reset(?,0]", 1, 4]);
  });

  it("ORDERING rule 19: what is missing is fetched by poll before anything later is handed out", async () => {
    const setup = setUp();
    const reading = new Reading(await subscribePush(setup, 5));
    setup.connection.handlers.set(METHODS.poll, () =>
      page(
        [
          [6, 5],
          [7, 6],
        ],
        7,
      ),
    );
    setup.connection.stream.send(event(8, 7));
    expect(await reading.shown()).toEqual([6, 7, 8]);
    expect(setup.connection.paramsOf(METHODS.poll)).toEqual([
      { name: "note.created", arguments: {}, cursor: cursorAt(5) },
    ]);
    expect(reading.items.map((item) => item.kind === "event" && item.mode)).toEqual(["poll", "poll", "push"]);
  });

  it("D10 ORDERING rule 19: recovery and reconnects do not repeat maxAgeMs", async () => {
    const setup = setUp();
    await subscribePush(setup, 5, { maxAgeMs: 60_000, cursor: "old" });
    setup.connection.handlers.set(METHODS.poll, () => page([[6, 5]], 6));
    setup.connection.stream.send(event(7, 6));
    await settle();
    setup.connection.stream.fail();
    await settle();
    await setup.clock.advance(250);
    expect(setup.connection.streams.map(({ params }) => params.maxAgeMs)).toEqual([60_000, undefined]);
    expect(setup.connection.paramsOf(METHODS.poll)[0]).not.toHaveProperty("maxAgeMs");
  });

  it("ORDERING rule 19: lost is reported only after recovery failed, a bounded number of times", async () => {
    const setup = setUp({ recoveryAttempts: 3 });
    const reading = new Reading(await subscribePush(setup, 5));
    setup.connection.handlers.set(METHODS.poll, () => page([], 5));
    setup.connection.stream.send(event(8, 7));
    await settle();
    expect(await reading.shown()).toEqual([]);
    await setup.clock.advance(10_000);
    expect(await reading.shown()).toEqual(["lost(5,7]", 8]);
    expect(setup.connection.paramsOf(METHODS.poll)).toHaveLength(3);
  });

  it("ORDERING rule 19: what the server says is gone is the server's gap, before the held event", async () => {
    const setup = setUp();
    const reading = new Reading(await subscribePush(setup, 5));
    setup.connection.handlers.set(METHODS.poll, () => page([], 7, { truncated: true }));
    setup.connection.stream.send(event(8, 7));
    expect(await reading.shown()).toEqual(["truncated(5,7]", 8]);
  });

  it("ORDERING rule 19: without poll the stream is read again once before a gap is reported", async () => {
    const setup = setUp({}, ["push"]);
    const reading = new Reading(await subscribePush(setup, 5));
    setup.connection.stream.send(event(8, 7));
    await settle();
    await setup.clock.advance(250);
    expect(setup.connection.stream.params.cursor).toBe(cursorAt(5));
    setup.connection.stream.send(active(5), event(8, 7));
    await settle();
    expect(await reading.shown()).toEqual(["lost(5,7]", 8]);
  });

  it("PUSH-5: a recoverable error does not end the stream", async () => {
    const setup = setUp();
    const reading = new Reading(await subscribePush(setup, 5));
    const error = new WireError("InternalError", "upstream").toWire("sep-3415");
    setup.connection.stream.send({ method: NOTIFICATIONS.error, params: { error } }, event(6));
    expect(await reading.shown()).toEqual([6]);
    expect(setup.warnings).toHaveLength(1);
  });

  it("[pitfall 27] PUSH-5: terminated ends the iterator with the error after what came before, and nothing is opened again", async () => {
    const setup = setUp();
    const subscription = await subscribePush(setup, 5);
    const reading = new Reading(subscription);
    const removed = new WireError("NotFound", "removed", { kind: "event" });
    setup.connection.stream.send(event(6), terminated(removed, 6));
    expect(await reading.shown()).toEqual([6]);
    expect(reading.error).toMatchObject({ error: "NotFound", data: { kind: "event" } });
    await setup.clock.advance(600_000);
    expect([setup.connection.streams.length, setup.connection.openStreams, setup.clock.pending]).toEqual([
      1, 0, 0,
    ]);
    expect([subscription.state, setup.client.subscriptions]).toEqual(["ended", []]);
  });

  it("LIST-4: a type that changed incompatibly ends the subscription when the stream is opened again", async () => {
    const setup = setUp();
    const reading = new Reading(await subscribePush(setup, 5));
    setup.connection.onStream = (stream) =>
      stream.fail(
        new WireError("Unsupported", "changed", { feature: "payloadSchema", reason: "schema_changed" }),
      );
    setup.connection.stream.fail();
    await settle();
    await setup.clock.advance(250);
    await settle();
    expect(reading.error).toMatchObject({ error: "Unsupported", data: { reason: "schema_changed" } });
  });

  it("[pitfall 19] a reader that does not read costs a bounded number of events; the stream is read again from the cursor", async () => {
    const setup = setUp({ maxBuffered: 10 });
    const subscription = await subscribePush(setup, 0);
    const stream = setup.connection.stream;
    let sent = 0;
    while (stream.send(event(sent + 1))) {
      sent += 1;
      if (sent % 5 === 0) await settle();
    }
    expect(sent).toBeLessThanOrEqual(30);
    await settle();
    await setup.clock.advance(60_000);
    expect(setup.connection.streams).toHaveLength(1);
    const reading = new Reading(subscription);
    await reading.shown();
    expect(setup.connection.streams).toHaveLength(2);
    expect(setup.connection.stream.params.cursor).toBe(cursorAt(sent));
    setup.connection.stream.send(active(sent), event(sent + 1));
    expect(await reading.shown()).toEqual(Array.from({ length: sent + 1 }, (_, index) => index + 1));
  });

  it("[pitfall 4] an event before active is not lost to the active that follows", async () => {
    const setup = setUp();
    setup.connection.onStream = (stream) => stream.send(event(6, 5), active(9), event(7, 6));
    const reading = new Reading(await setup.client.subscribe("note.created", {}, { cursor: cursorAt(5) }));
    expect((await reading.shown())[0]).toBe(6);
  });

  it("[pitfall 23] a malformed event with a position is a gap in its place; other malformed messages are skipped", async () => {
    const setup = setUp();
    const reading = new Reading(await subscribePush(setup, 5));
    const broken = event(6);
    setup.connection.stream.send(
      { method: NOTIFICATIONS.heartbeat, params: { cursor: 7 } },
      { method: NOTIFICATIONS.active, params: { truncated: "yes" } },
      { ...broken, params: { ...broken.params, data: "text" } },
      { method: "notifications/events/unheard-of", params: {} },
      event(7),
    );
    expect(await reading.shown()).toEqual(["lost(5,6]", 7]);
  });

  it("ORD-2: a malformed event without a position is a gap up to the next position", async () => {
    const setup = setUp();
    const reading = new Reading(await subscribePush(setup, 5));
    setup.connection.stream.send(
      event(6),
      { method: NOTIFICATIONS.event, params: { eventId: 1 } },
      event(8, 7),
    );
    setup.connection.stream.send({ method: NOTIFICATIONS.event, params: {} }, heartbeat(12));
    expect(await reading.shown()).toEqual([6, "lost(6,7]", 8, "lost(8,12]"]);
  });

  it("a stream that begins malformed is opened again", async () => {
    const setup = setUp();
    setup.connection.onStream = (stream) => {
      setup.connection.onStream = (second) => second.send(active(5));
      stream.send({ method: NOTIFICATIONS.active, params: { cursor: 1 } });
    };
    const opening = setup.client.subscribe("note.created");
    await settle();
    await setup.clock.advance(250);
    expect((await opening).state).toBe("live");
  });

  it("a connection that is closed ends the iterator with a clear error", async () => {
    const setup = setUp();
    const reading = new Reading(await subscribePush(setup, 5));
    setup.connection.close();
    await reading.shown();
    expect(reading.error).toMatchObject({ code: "closed" });
    expect(EventsError.is(reading.error)).toBe(true);
  });
});
