import { memoryPositions } from "@mcp-events/ordering";
import { MAX_TIMER_MS, METHODS, WireError } from "@mcp-events/protocol";
import { describe, expect, it } from "vitest";
import { settle } from "../../ordering/src/testing/manual-clock";
import { Reading } from "./testing/setup";
import {
  deferred,
  granted,
  OFFER,
  posted,
  setUpWebhook,
  subscribeWebhook,
  type WebhookSetup,
} from "./testing/webhook-setup";
import { cursorAt, lists, page } from "./testing/wire";

const HOUR = 3_600_000;
const subscribes = (setup: WebhookSetup) => setup.connection.paramsOf(METHODS.subscribe);
const until = (setup: WebhookSetup, ms: number) => ({
  refreshBefore: new Date(setup.clock.now() + ms).toISOString(),
});

describe("HOOK-4: refresh", () => {
  it("[pitfall 28] comes after two thirds of the latest grant, with jitter, and rotates the secret", async () => {
    const setup = setUpWebhook();
    await subscribeWebhook(setup);
    setup.answer = () => granted(setup, 0, until(setup, 600_000));
    await setup.clock.advance(0.7 * HOUR - 1);
    expect(subscribes(setup)).toHaveLength(1);
    await setup.clock.advance(1);
    expect(subscribes(setup).map(({ delivery }) => (delivery as { secret: string }).secret)).toEqual([
      "whsec_1",
      "whsec_2",
    ]);
    expect(setup.receiver.callback.settled).toEqual(["sub_1", "sub_1"]);
    await setup.clock.advance(420_000 - 1);
    expect(subscribes(setup)).toHaveLength(2);
    await setup.clock.advance(1);
    expect(subscribes(setup)).toHaveLength(3);
    expect(setup.receiver.callbacks).toHaveLength(1);
  });

  it("jitter makes it as early as 0.6 of what is left", async () => {
    const setup = setUpWebhook({ random: () => 0 });
    await subscribeWebhook(setup);
    await setup.clock.advance(0.6 * HOUR);
    expect(subscribes(setup)).toHaveLength(2);
  });

  it("[pitfall 28] a grant longer than a timer can be is waited for in parts", async () => {
    const setup = setUpWebhook();
    const left = 4 * MAX_TIMER_MS;
    setup.answer = () => granted(setup, 0, until(setup, left));
    await subscribeWebhook(setup);
    await setup.clock.advance(2 * MAX_TIMER_MS);
    expect(subscribes(setup)).toHaveLength(1);
    await setup.clock.advance(0.8 * MAX_TIMER_MS + 1);
    expect(subscribes(setup)).toHaveLength(2);
  });

  it("[pitfall 28] grants that are over as they come (another clock) are no hot loop", async () => {
    const setup = setUpWebhook();
    setup.answer = () => granted(setup, 0, until(setup, -HOUR));
    await subscribeWebhook(setup);
    await setup.clock.advance(1_000);
    expect(subscribes(setup)).toHaveLength(2);
    await setup.clock.advance(600_000);
    expect(subscribes(setup).length).toBeLessThan(30);
  });

  it("[pitfall 31] HOOK-6: no expiry is refreshed about once a day", async () => {
    const setup = setUpWebhook({ ttlMs: null });
    setup.answer = () => granted(setup, 0, { refreshBefore: null });
    await subscribeWebhook(setup);
    await setup.clock.advance(16 * HOUR);
    expect(subscribes(setup)).toHaveLength(1);
    await setup.clock.advance(HOUR);
    expect(subscribes(setup)).toHaveLength(2);
  });

  it("CUR-4: in quiet times its answer moves the stored position", async () => {
    const positions = memoryPositions();
    const setup = setUpWebhook({ positions, resequence: OFFER }, 5);
    const subscription = await subscribeWebhook(setup);
    setup.answer = () => granted(setup, 90);
    await setup.clock.advance(0.7 * HOUR);
    expect(subscription.cursor).toBe(cursorAt(90));
    await subscription.close();
    const again = setUpWebhook({ positions });
    await subscribeWebhook(again);
    expect(subscribes(again)[0]?.cursor).toBe(cursorAt(90));
  });

  it("ORD-2 ORDERING rule 14: a sender in strict order may have let a gap go, so the way to its position is asked for", async () => {
    const setup = setUpWebhook({}, 5);
    const reading = new Reading(await subscribeWebhook(setup));
    setup.connection.handlers.set(METHODS.poll, ({ cursor }) =>
      cursor === cursorAt(5) ? page([[6, 5]], 8) : page([], 8),
    );
    setup.answer = () => granted(setup, 7);
    await setup.clock.advance(0.7 * HOUR);
    expect(await reading.shown()).toEqual([6]);
    setup.answer = () => granted(setup, 8);
    await setup.clock.advance(0.7 * HOUR);
    expect(setup.connection.paramsOf(METHODS.poll)).toHaveLength(1);
  });

  it("HOOK-4: deliveries go on while it is under way, and its answer takes nothing back", async () => {
    const setup = setUpWebhook({ resequence: OFFER }, 5);
    const reading = new Reading(await subscribeWebhook(setup));
    const answer = deferred();
    setup.answer = () => answer.promise;
    await setup.clock.advance(0.7 * HOUR);
    expect(await setup.receiver.callback.post(posted(6))).toBe("accepted");
    answer.resolve(granted(setup, 5));
    await settle();
    expect(await setup.receiver.callback.post(posted(7))).toBe("accepted");
    expect(await reading.shown()).toEqual([6, 7]);
  });

  it("CUR-6: an answer that is truncated is a gap; one of another epoch is believed", async () => {
    const setup = setUpWebhook({ resequence: OFFER }, 5);
    const reading = new Reading(await subscribeWebhook(setup));
    setup.answer = () => granted(setup, 9, { truncated: true });
    await setup.clock.advance(0.7 * HOUR);
    setup.answer = () => granted(setup, 3, { truncated: true }, 2);
    await setup.clock.advance(0.7 * HOUR);
    expect(await setup.receiver.callback.post(posted(4, 3, { epoch: 2 }))).toBe("accepted");
    expect(await reading.shown()).toEqual(["truncated(5,9]", "reset(?,3]", 4]);
  });

  it("HOOK-14: deliveryStatus is the server's latest; what it does not know is no failure", async () => {
    const setup = setUpWebhook();
    const status = { active: false, lastError: "timeout", lastDeliveryAt: null };
    setup.answer = () => granted(setup, 0, { deliveryStatus: status });
    const subscription = await subscribeWebhook(setup);
    expect(subscription.deliveryStatus).toEqual(status);
    setup.answer = () => granted(setup, 0, { deliveryStatus: { active: true, lastError: "new_kind" } });
    await setup.clock.advance(0.7 * HOUR);
    expect([subscription.deliveryStatus, subscription.state]).toEqual([undefined, "live"]);
    setup.connection.handlers.set(METHODS.poll, () => page([], 0));
    setup.answer = () => granted(setup, 0, { deliveryStatus: status });
    await setup.clock.advance(0.7 * HOUR);
    await subscription.switchTo("poll");
    expect(subscription.deliveryStatus).toBeUndefined();
  });
});

describe("HOOK-4: a refresh that fails", () => {
  it("is tried again with backoff, with one new secret", async () => {
    const setup = setUpWebhook();
    const subscription = await subscribeWebhook(setup);
    let fails = 3;
    setup.answer = () => {
      if (fails-- > 0) throw new Error("lost");
      return granted(setup, 0);
    };
    await setup.clock.advance(0.7 * HOUR);
    expect([subscription.state, subscribes(setup).length]).toEqual(["live", 2]);
    await setup.clock.advance(250 + 500 + 1_000);
    expect(subscribes(setup)).toHaveLength(5);
    expect(setup.receiver.callback.secrets).toEqual(["whsec_1", "whsec_2"]);
    expect(setup.receiver.callback.settled).toHaveLength(2);
  });

  it("until the grant is over: then it subscribes anew, from its own cursor", async () => {
    const setup = setUpWebhook({}, 5);
    const subscription = await subscribeWebhook(setup);
    const reading = new Reading(subscription);
    setup.answer = () => Promise.reject(new Error("lost"));
    await setup.clock.advance(HOUR - 1);
    expect([subscription.state, setup.receiver.callbacks.length]).toEqual(["live", 1]);
    await setup.clock.advance(30_000);
    expect(subscription.state).toBe("reconnecting");
    setup.answer = () => granted(setup, 5);
    await setup.clock.advance(60_000);
    expect([subscription.state, subscribes(setup).at(-1)?.cursor]).toEqual(["live", cursorAt(5)]);
    expect(setup.receiver.openCallbacks).toBe(1);
    void setup.receiver.callback.post(posted(6));
    expect(await reading.shown()).toEqual([6]);
  });

  it("ORD-2 ORDERING rule 22: whose answer was lost may have begun anew from elsewhere: the next one begins from our cursor", async () => {
    const setup = setUpWebhook({ resequence: OFFER }, 5);
    const reading = new Reading(await subscribeWebhook(setup));
    let living = true;
    setup.connection.handlers.set(METHODS.unsubscribe, () => {
      living = false;
      return {};
    });
    setup.answer = () => Promise.reject(new Error("the server began a new log; its answer was lost"));
    await setup.clock.advance(0.7 * HOUR);
    setup.answer = () => granted(setup, 9, { truncated: !living }, 2);
    await setup.clock.advance(250);
    expect(await reading.shown()).toEqual(["reset(?,9]"]);
  });

  it("for good falls back to a mode that works", async () => {
    const setup = setUpWebhook({}, 5);
    const subscription = await setup.client.subscribe("note.created", {}, { delivery: ["webhook", "poll"] });
    const reading = new Reading(subscription);
    setup.answer = () => Promise.reject(new Error("lost"));
    setup.connection.handlers.set(METHODS.poll, () => page([[6, 5]], 6));
    await setup.clock.advance(HOUR + 120_000);
    expect(await reading.shown()).toEqual([6]);
    expect([subscription.mode, setup.receiver.openCallbacks]).toEqual(["poll", 0]);
  });

  it("that is refused ends the subscription with the refusal", async () => {
    const setup = setUpWebhook();
    const subscription = await subscribeWebhook(setup);
    const reading = new Reading(subscription);
    setup.answer = () => Promise.reject(new WireError("Forbidden", "no more"));
    await setup.clock.advance(0.7 * HOUR);
    expect([subscription.state, reading.error, setup.receiver.openCallbacks]).toMatchObject([
      "ended",
      { error: "Forbidden" },
      0,
    ]);
    await setup.clock.advance(HOUR);
    expect([subscribes(setup).length, setup.clock.pending]).toEqual([2, 0]);
  });

  it("ORDERING rule 22: without replay, a lapse is a gap restart", async () => {
    const setup = setUpWebhook({ resequence: OFFER });
    const live = (through: number) => granted(setup, through, { cursor: null });
    setup.answer = () => live(5);
    const reading = new Reading(await subscribeWebhook(setup));
    setup.answer = () => live(7);
    await setup.clock.advance(0.7 * HOUR);
    expect(await reading.shown()).toEqual([]);
    setup.clock.jump(2 * HOUR);
    setup.answer = () => live(9);
    await setup.client.refreshDue();
    expect(await reading.shown()).toEqual(["restart(7,9]"]);
  });
});

describe("HOOK-4: refreshDue, for hosts whose timers stand still", () => {
  it("refreshes what is due, and nothing else", async () => {
    const setup = setUpWebhook({}, 5);
    await subscribeWebhook(setup);
    setup.clock.jump(0.6 * HOUR);
    await subscribeWebhook(setup);
    setup.clock.jump(0.1 * HOUR);
    await setup.client.refreshDue();
    expect(subscribes(setup)).toHaveLength(3);
    await setup.client.refreshDue();
    expect(subscribes(setup)).toHaveLength(3);
    await setup.client.refreshDue(setup.clock.now() + HOUR);
    expect(subscribes(setup)).toHaveLength(5);
  });

  it("HOOK-4: brings back a subscription that lapsed meanwhile, from its own cursor", async () => {
    const setup = setUpWebhook({}, 5);
    const reading = new Reading(await subscribeWebhook(setup));
    setup.clock.jump(5 * HOUR);
    await setup.client.refreshDue();
    expect(subscribes(setup)[1]?.cursor).toBe(cursorAt(5));
    void setup.receiver.callback.post(posted(6));
    expect(await reading.shown()).toEqual([6]);
  });

  it("resolves when the server answered, also when it failed; a failure is tried again when due", async () => {
    const setup = setUpWebhook();
    const subscription = await subscribeWebhook(setup);
    setup.clock.jump(0.7 * HOUR);
    const answer = deferred();
    setup.answer = () => answer.promise.then(() => Promise.reject(new Error("lost")));
    let over = false;
    const refreshing = setup.client.refreshDue().then(() => {
      over = true;
    });
    await settle();
    expect(over).toBe(false);
    answer.resolve({});
    await refreshing;
    expect([subscription.state, subscribes(setup).length]).toEqual(["live", 2]);
    setup.answer = () => granted(setup, 0);
    setup.clock.jump(1_000);
    await setup.client.refreshDue();
    expect(subscribes(setup)).toHaveLength(3);
  });

  it("has nothing to do in other modes, and refuses after close", async () => {
    const setup = setUpWebhook();
    lists(setup.connection, ["poll"]);
    setup.connection.handlers.set(METHODS.poll, () => page([], 0));
    await setup.client.subscribe("note.created");
    await setup.client.refreshDue(setup.clock.now() + HOUR);
    expect(subscribes(setup)).toEqual([]);
    await setup.client.close();
    await expect(setup.client.refreshDue()).rejects.toMatchObject({ code: "closed" });
  });
});
