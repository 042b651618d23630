import { METHODS, WireError } from "@mcp-events/protocol";
import { describe, expect, it } from "vitest";
import { settle } from "../../ordering/src/testing/manual-clock";
import { Reading, setUp, subscribePush } from "./testing/setup";
import { active, cursorAt, event, page } from "./testing/wire";

describe("change of mode", () => {
  it("ORD-4: switchTo goes on from the position, without loss or repeat", async () => {
    const setup = setUp();
    const subscription = await subscribePush(setup, 5);
    const reading = new Reading(subscription);
    setup.connection.stream.send(event(6), event(7));
    await settle();
    setup.connection.handlers.set(METHODS.poll, ({ cursor }) =>
      cursor === cursorAt(7) ? page([[8, 7]], 8) : page([], 8),
    );
    await subscription.switchTo("poll");
    expect([subscription.mode, setup.connection.openStreams]).toEqual(["poll", 0]);
    await settle();
    setup.connection.onStream = (stream) => stream.send(active(8), event(9));
    await subscription.switchTo("push");
    expect(await reading.shown()).toEqual([6, 7, 8, 9]);
  });

  it("ORD-4: switchTo does not wait out a retry", async () => {
    const setup = setUp({ backoff: { initialMs: 30_000, maxMs: 30_000 } });
    const subscription = await subscribePush(setup, 5);
    setup.connection.stream.fail();
    await settle();
    setup.connection.handlers.set(METHODS.poll, () => page([], 5));
    await subscription.switchTo("poll");
    expect(subscription.state).toBe("live");
  });

  it("switchTo a mode that is not offered is refused, and the subscription goes on", async () => {
    const setup = setUp({}, ["push"]);
    const subscription = await subscribePush(setup, 5);
    await expect(subscription.switchTo("poll")).rejects.toMatchObject({
      code: "no_compatible_delivery_mode",
    });
    setup.connection.stream.send(event(6));
    expect(await new Reading(subscription).shown()).toEqual([6]);
  });

  it("ORD-4: a mode that keeps failing is left for another one after fallbackAfter failures", async () => {
    const setup = setUp({ fallbackAfter: 2 });
    const subscription = await subscribePush(setup, 5);
    const reading = new Reading(subscription);
    setup.connection.handlers.set(METHODS.poll, () => page([[6, 5]], 6));
    setup.connection.onStream = (stream) => stream.fail();
    setup.connection.stream.fail();
    await setup.clock.advance(2_000);
    expect(await reading.shown()).toEqual([6]);
    expect([subscription.mode, setup.connection.streams.length]).toEqual(["poll", 2]);
  });

  it("fallback: false stays", async () => {
    const setup = setUp({ fallbackAfter: 1 });
    const subscription = await subscribePush(setup, 5, { fallback: false });
    setup.connection.onStream = (stream) => stream.fail();
    setup.connection.stream.fail();
    await setup.clock.advance(60_000);
    expect(subscription.mode).toBe("push");
  });

  it("[pitfall 20] push that is advertised and refused (a JSON response mode) is left at once, and not tried again", async () => {
    const setup = setUp({ fallbackAfter: 1 });
    setup.connection.onStream = (stream) =>
      stream.fail(new WireError("Unsupported", "JSON only", { feature: "deliveryMode", value: "push" }));
    setup.connection.handlers.set(METHODS.poll, () => page([], 5));
    const subscription = await setup.client.subscribe("note.created");
    expect(subscription.mode).toBe("poll");
    setup.connection.handlers.set(METHODS.poll, () => Promise.reject(new Error("broken")));
    await setup.clock.advance(60_000);
    expect(setup.connection.streams).toHaveLength(1);
  });

  it("a type that refuses every mode it lists ends with the refusal, not in a loop", async () => {
    const setup = setUp();
    const refusal = new WireError("Unsupported", "no", { feature: "deliveryMode" });
    setup.connection.onStream = (stream) => stream.fail(refusal);
    setup.connection.handlers.set(METHODS.poll, () => Promise.reject(refusal));
    await expect(setup.client.subscribe("note.created")).rejects.toMatchObject({ error: "Unsupported" });
  });
});

describe("gaps and types without replay", () => {
  it("onGap: stop throws the gap in its place, and does not commit it", async () => {
    const setup = setUp();
    const subscription = await subscribePush(setup, 5, { onGap: "stop" });
    setup.connection.stream.send(event(6), active(9, { truncated: true }), event(10));
    const reading = new Reading(subscription);
    expect(await reading.shown()).toEqual([6]);
    expect(reading.error).toMatchObject({ code: "gap", cause: { kind: "gap", reason: "truncated" } });
    expect([subscription.cursor, subscription.state]).toEqual([cursorAt(6), "ended"]);
  });

  it("CUR-3 ORDERING rule 22: without replay a reconnect is a gap restart, and nothing is ever stored", async () => {
    const stored: string[] = [];
    const positions = { get: () => undefined, set: (key: string) => void stored.push(key), delete: () => {} };
    const setup = setUp({ positions });
    const live = (through: number) => ({
      ...active(through),
      params: { ...active(through).params, cursor: null },
    });
    const happened = (seq: number) => ({ ...event(seq), params: { ...event(seq).params, cursor: null } });
    setup.connection.onStream = (stream) => stream.send(live(5));
    const reading = new Reading(await setup.client.subscribe("note.created"));
    setup.connection.stream.send(happened(6));
    await settle();
    setup.connection.stream.fail();
    setup.connection.onStream = (stream) => stream.send(live(9), happened(10));
    await settle();
    await setup.clock.advance(250);
    expect(await reading.shown()).toEqual([6, "restart(6,9]", 10]);
    expect(setup.connection.stream.params.cursor).toBeNull();
    expect(stored).toEqual([]);
  });

  it("[pitfall 19] without replay, falling behind is a gap overflow", async () => {
    const setup = setUp({ maxBuffered: 2 });
    const live = (through: number) => ({
      ...active(through),
      params: { ...active(through).params, cursor: null },
    });
    const happened = (seq: number) => ({ ...event(seq), params: { ...event(seq).params, cursor: null } });
    setup.connection.onStream = (stream) => stream.send(live(0));
    const subscription = await setup.client.subscribe("note.created");
    let sent = 0;
    while (setup.connection.stream.send(happened(sent + 1))) {
      sent += 1;
      await settle();
    }
    setup.connection.onStream = (stream) => stream.send(live(sent + 5), happened(sent + 6));
    const shown = await new Reading(subscription).shown();
    expect(shown.slice(sent)).toEqual([`overflow(${sent},${sent + 5}]`, sent + 6]);
  });
});

describe("limits", () => {
  it("AUTH-3: a limit that is hit while reconnecting passes; the subscription waits for it", async () => {
    const setup = setUp({}, ["push"]);
    const reading = new Reading(await subscribePush(setup, 5));
    const full = new WireError("ResourceExhausted", "full", { limit: "subscriptions", max: 1 });
    setup.connection.onStream = (stream) => {
      setup.connection.onStream = (second) => second.send(active(5), event(6));
      stream.fail(full);
    };
    setup.connection.stream.fail();
    await setup.clock.advance(2_000);
    expect(await reading.shown()).toEqual([6]);
  });
});
