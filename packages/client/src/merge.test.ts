import { memoryPositions } from "@mcp-events/ordering";
import { METHODS, WireError } from "@mcp-events/protocol";
import { describe, expect, it } from "vitest";
import { settle } from "../../ordering/src/testing/manual-clock";
import { merge } from "./merge";
import { next, Reading, setUp, subscribePush } from "./testing/setup";
import { granted, setUpWebhook } from "./testing/webhook-setup";
import { active, cursorAt, event, heartbeat, page, terminated } from "./testing/wire";

describe("ORD-5 ORDERING rule 24: merge", () => {
  it("yields several subscriptions in log order", async () => {
    const setup = setUp();
    const a = await subscribePush(setup, 0);
    const toA = setup.connection.stream;
    const b = await subscribePush(setup, 0);
    const toB = setup.connection.stream;
    const reading = new Reading(merge(a, b));
    toA.send(event(2, 0), event(5, 2));
    expect(await reading.shown()).toEqual([]);
    toB.send(event(3, 0), heartbeat(4));
    expect(await reading.shown()).toEqual([2, 3]);
    toB.send(heartbeat(9));
    expect(await reading.shown()).toEqual([2, 3, 5]);
  });

  it("D8: a quiet input is asked for its position after mergeWaitMs, from its own cursor", async () => {
    const setup = setUp();
    const a = await subscribePush(setup, 0);
    const toA = setup.connection.stream;
    const b = await subscribePush(setup, 0);
    setup.connection.handlers.set(METHODS.poll, () => page([], 7));
    const reading = new Reading(merge([a, b], { mergeWaitMs: 100 }));
    toA.send(event(5, 0));
    await settle();
    expect(setup.connection.paramsOf(METHODS.poll)).toEqual([]);
    await setup.clock.advance(250);
    expect(await reading.shown()).toEqual([5]);
    expect(setup.connection.paramsOf(METHODS.poll)[0]).toMatchObject({ cursor: cursorAt(0) });
  });

  it("a polled input is polled at once when it keeps others waiting", async () => {
    const setup = setUp();
    const a = await subscribePush(setup, 0);
    const toA = setup.connection.stream;
    let through = 0;
    setup.connection.handlers.set(METHODS.poll, () => page([], through, { nextPollMs: 60_000 }));
    const b = await setup.client.subscribe("note.created", { b: true }, { delivery: "poll" });
    const reading = new Reading(merge(a, b, { mergeWaitMs: 100 }));
    through = 8;
    toA.send(event(5, 0));
    await settle();
    await setup.clock.advance(300);
    expect(await reading.shown()).toEqual([5]);
  });

  it("a quiet webhook input that cannot be polled is refreshed: the answer says how far all is settled", async () => {
    const setup = setUpWebhook({ offers: ["push", "webhook"] });
    let through = 0;
    setup.answer = () => granted(setup, through);
    const a = await subscribePush(setup, 0);
    const toA = setup.connection.stream;
    const b = await setup.client.subscribe("note.created", { b: true }, { delivery: "webhook" });
    const reading = new Reading(merge([a, b], { mergeWaitMs: 100 }));
    through = 8;
    toA.send(event(5, 0));
    await setup.clock.advance(300);
    expect(await reading.shown()).toEqual([5]);
    expect(setup.connection.paramsOf(METHODS.subscribe)).toHaveLength(2);
  });

  it("gaps keep their place in the merged line", async () => {
    const setup = setUp();
    const a = await subscribePush(setup, 0);
    const toA = setup.connection.stream;
    const b = await subscribePush(setup, 0);
    const toB = setup.connection.stream;
    const reading = new Reading(merge(a, b));
    toA.send(event(2, 0), active(6, { truncated: true }), event(8, 6));
    toB.send(event(5, 0), event(7, 5), heartbeat(9));
    expect(await reading.shown()).toEqual([2, 5, "truncated(2,6]", 7, 8]);
  });

  it("ORD-9: an item is committed when the next is pulled; what waits in the merge is not", async () => {
    const positions = memoryPositions();
    const setup = setUp({ positions });
    const a = await subscribePush(setup, 0, { id: "a" });
    setup.connection.stream.send(event(1, 0), event(4, 1), heartbeat(9));
    const b = await subscribePush(setup, 0, { id: "b" });
    setup.connection.stream.send(event(2, 0), event(3, 2), heartbeat(9));
    const iterator = merge(a, b)[Symbol.asyncIterator]();
    expect(await next(iterator, 2)).toEqual([1, 2]);
    expect([a.cursor, b.cursor]).toEqual([cursorAt(1), cursorAt(0)]);
    await iterator.return?.();
    expect(await next(merge(a, b)[Symbol.asyncIterator](), 3)).toEqual([2, 3, 4]);
  });

  it("[pitfall 19] D8: an input that leads is read no further than the bound, then again from its cursor", async () => {
    const setup = setUp({ maxBuffered: 4 });
    const a = await subscribePush(setup, 0);
    const toA = setup.connection.stream;
    const b = await subscribePush(setup, 0, { delivery: "push" });
    const toB = setup.connection.stream;
    setup.connection.handlers.set(METHODS.poll, () => page([], 0));
    const reading = new Reading(merge(a, b, { maxBuffered: 4 }));
    let sent = 0;
    while (toA.send(event(sent + 1))) {
      sent += 1;
      await settle();
    }
    expect(sent).toBeLessThanOrEqual(16);
    toB.send(heartbeat(1_000));
    await settle();
    expect(setup.connection.stream.params.cursor).toBe(cursorAt(sent));
    setup.connection.stream.send(active(sent), event(sent + 1));
    expect(await reading.shown()).toEqual(Array.from({ length: sent + 1 }, (_, index) => index + 1));
  });

  it("an input that is closed leaves; when all are, the line ends", async () => {
    const setup = setUp();
    const a = await subscribePush(setup, 0);
    const toA = setup.connection.stream;
    const b = await subscribePush(setup, 0);
    const reading = new Reading(merge(a, b));
    toA.send(event(5, 0));
    await b.close();
    expect(await reading.shown()).toEqual([5]);
    await setup.client.close();
    await reading.shown();
    expect([reading.done, reading.error]).toEqual([true, undefined]);
  });

  it("an input that fails, fails the line after its own items", async () => {
    const setup = setUp();
    const a = await subscribePush(setup, 0);
    const toA = setup.connection.stream;
    const b = await subscribePush(setup, 0);
    const toB = setup.connection.stream;
    const reading = new Reading(merge(a, b));
    toA.send(event(5, 0), terminated(new WireError("Forbidden", "no"), 5));
    toB.send(heartbeat(9));
    expect(await reading.shown()).toEqual([5]);
    expect(reading.error).toMatchObject({ error: "Forbidden" });
  });

  it("leaves no timer behind", async () => {
    const setup = setUp();
    const a = await subscribePush(setup, 0);
    const b = await subscribePush(setup, 0);
    new Reading(merge(a, b));
    await settle();
    await setup.client.close();
    await settle();
    expect(setup.clock.pending).toBe(0);
  });

  it("takes subscriptions of this package only", () => {
    expect(() => merge([{} as never])).toThrow(expect.objectContaining({ code: "option_invalid" }));
  });
});
