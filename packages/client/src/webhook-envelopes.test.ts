import { memoryPositions } from "@mcp-events/ordering";
import { METHODS, ORDERING_EXTENSION, WireError } from "@mcp-events/protocol";
import { describe, expect, it } from "vitest";
import { settle } from "../../ordering/src/testing/manual-clock";
import { next, Reading } from "./testing/setup";
import { granted, OFFER, plainBody, posted, setUpWebhook, subscribeWebhook } from "./testing/webhook-setup";
import { cursorAt, positionMeta } from "./testing/wire";

const gapFor = (seq: number, prev = seq - 1, settled = prev) => ({
  type: "gap",
  cursor: cursorAt(settled),
  _meta: { [ORDERING_EXTENSION]: { log: "events", epoch: 1, seq, prev, settled } },
});
const gapTo = (through: number, epoch = 1) => ({
  type: "gap",
  cursor: cursorAt(through, epoch),
  _meta: positionMeta(through, epoch),
});
const terminated = (through: number, error = new WireError("Forbidden", "revoked")) => ({
  type: "terminated",
  error: error.toWire("sep-3415"),
  _meta: positionMeta(through),
});

describe("gap envelopes", () => {
  it("HOOK-11 ORDERING rule 14: one that stands for an event is a gap given_up in its place, accepted once committed", async () => {
    const setup = setUpWebhook({ resequence: OFFER }, 5);
    const subscription = await subscribeWebhook(setup);
    const { callback } = setup.receiver;
    void callback.post(gapFor(7, 6, 5));
    void callback.post(posted(8, 7, { settled: 5 }));
    void callback.post(posted(6, 5, { settled: 5 }));
    const iterator = subscription[Symbol.asyncIterator]();
    expect(await next(iterator, 2)).toEqual([6, "given_up(6,7]"]);
    await settle();
    expect(callback.outcomes).toEqual(["unanswered", "unanswered", "accepted"]);
    expect(await next(iterator)).toEqual([8]);
    expect(await callback.post(gapFor(7, 6, 5))).toBe("accepted");
    expect(callback.outcomes.slice(0, 1)).toEqual(["accepted"]);
  });

  it("CUR-6: one with a position says that what lies before it was skipped; it is accepted once committed", async () => {
    const setup = setUpWebhook({}, 5);
    const subscription = await subscribeWebhook(setup);
    const { callback } = setup.receiver;
    void callback.post(gapTo(9));
    const iterator = subscription[Symbol.asyncIterator]();
    expect(await next(iterator)).toEqual(["truncated(5,9]"]);
    void callback.post(gapTo(9));
    await settle();
    expect(callback.outcomes).toEqual(["unanswered", "unanswered"]);
    void callback.post(posted(10));
    expect(await next(iterator)).toEqual([10]);
    await settle();
    expect(callback.outcomes.slice(0, 2)).toEqual(["accepted", "accepted"]);
    expect(subscription.cursor).toBe(cursorAt(9));
  });

  it("ORDERING rule 15: one of an older epoch is acknowledged and dropped", async () => {
    const setup = setUpWebhook({}, 5);
    setup.answer = () => granted(setup, 5, {}, 2);
    const reading = new Reading(await subscribeWebhook(setup));
    expect(await setup.receiver.callback.post(gapTo(50, 1))).toBe("accepted");
    expect(await setup.receiver.callback.post(posted(6, 5, { epoch: 2 }))).toBe("accepted");
    expect(await reading.shown()).toEqual([6]);
  });

  it("a plain server's gap is one gap, however often it is sent", async () => {
    const setup = setUpWebhook();
    setup.answer = () => granted(setup, 0, { cursor: "p0", _meta: {} });
    const subscription = await subscribeWebhook(setup);
    const { callback } = setup.receiver;
    void callback.post({ type: "gap", cursor: "p3" });
    void callback.post({ type: "gap", cursor: "p3" });
    await settle();
    expect(callback.outcomes).toEqual(["unanswered", "unanswered"]);
    void callback.post(plainBody(4));
    expect(await new Reading(subscription).shown()).toEqual(["truncated(?,?]", 4]);
    expect(callback.outcomes).toEqual(Array(3).fill("accepted"));
    expect(subscription.cursor).toBe("p4");
  });

  it("one without position in a log that has positions is told with what comes next", async () => {
    const setup = setUpWebhook({}, 5);
    const reading = new Reading(await subscribeWebhook(setup));
    expect(await setup.receiver.callback.post({ type: "gap", cursor: null })).toBe("accepted");
    expect(await setup.receiver.callback.post(posted(8, 7))).toBe("accepted");
    expect(await reading.shown()).toEqual(["truncated(5,7]", 8]);
  });
});

describe("terminated and what is not known", () => {
  it("HOOK-11 [pitfall 27]: terminated ends it with its error; no unsubscribe, no refresh", async () => {
    const positions = memoryPositions();
    const setup = setUpWebhook({ positions }, 5);
    const subscription = await subscribeWebhook(setup);
    const { callback } = setup.receiver;
    void callback.post(posted(6));
    expect(await callback.post(terminated(9))).toBe("accepted");
    const reading = new Reading(subscription);
    expect(await reading.shown()).toEqual([6]);
    expect([subscription.state, reading.error]).toMatchObject(["ended", { error: "Forbidden" }]);
    await setup.clock.advance(10 * 3_600_000);
    await subscription.close();
    const asked = setup.connection.requests.map(({ method }) => method);
    expect([asked, callback.closed, setup.clock.pending]).toEqual([
      [METHODS.list, METHODS.subscribe],
      true,
      0,
    ]);
  });

  it("ORDERING rule 9: what is missing before the end is a gap", async () => {
    const setup = setUpWebhook({ resequence: OFFER }, 5);
    const subscription = await subscribeWebhook(setup);
    void setup.receiver.callback.post(posted(7, 6, { settled: 5 }));
    await settle();
    void setup.receiver.callback.post(terminated(7));
    await settle();
    expect(await new Reading(subscription).shown()).toEqual(["lost(5,6]", 7]);
  });

  it("a malformed terminated is an end all the same", async () => {
    const setup = setUpWebhook();
    const reading = new Reading(await subscribeWebhook(setup));
    expect(await setup.receiver.callback.post({ type: "terminated" })).toBe("accepted");
    await settle();
    expect(reading.error).toMatchObject({ error: "InternalError" });
  });

  it("[pitfall 31] HOOK-11: an envelope of an unknown type is logged and accepted, and is no event", async () => {
    const setup = setUpWebhook();
    const reading = new Reading(await subscribeWebhook(setup));
    expect(await setup.receiver.callback.post({ type: "weather" })).toBe("accepted");
    expect([await reading.shown(), setup.warnings]).toEqual([
      [],
      ["an unknown webhook envelope was left aside"],
    ]);
  });
});
