import { ORDERING_EXTENSION } from "@mcp-events/protocol";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { deliveries } from "../testing/fake-sender";
import { failure, plain } from "../testing/setup";
import { offering, subscribed, webhookSetup } from "../testing/webhook-setup";

const LONG = 900_000;

describe("LIST-4: the end of a type", () => {
  it("ORDERING rule 9: what was emitted before removal is delivered first; the end carries the position", async () => {
    const { sender, emit, handle, events, subscribe } = await subscribed();
    sender.answering = undefined;
    await emit(1, 2);
    await handle.remove();
    for (const n of [1, 2]) {
      expect(sender.numbers.at(-1)).toBe(n);
      sender.attempts.at(-1)!.answer(200);
      await deliveries();
    }
    const end = sender.attempts.at(-1)!;
    expect(end.body).toEqual({
      type: "terminated",
      error: { code: -32023, message: expect.any(String), data: { kind: "event" } },
      _meta: { [ORDERING_EXTENSION]: { log: "events", epoch: expect.any(Number), through: 2 } },
    });
    expect(end.id).toMatch(/^msg_terminated_/);
    end.answer(200);
    await deliveries();
    expect(events.stats()).toMatchObject({ subscriptions: { webhook: 0 }, readers: 0, timers: 0, views: 0 });
    expect(await failure(subscribe())).toMatchObject({ error: "NotFound" });
  });

  it("an event that is being retried is drained too: nothing overtakes it, not even the end", async () => {
    const { sender, emit, handle, clock, events } = await subscribed();
    sender.answering = ({ n }) => (n === 1 && sender.attempts.length < 3 ? 500 : 200);
    await emit(1, 2);
    await handle.remove();
    await clock.advance(LONG);
    await deliveries();
    expect(sender.numbers).toEqual([1, 1, 1, 2, "terminated"]);
    expect(events.stats()).toMatchObject({ readers: 0, timers: 0 });
  });

  it("an incompatible change ends it with Unsupported, an additive one does not", async () => {
    const { sender, events, handle, emit } = await subscribed();
    await handle.update({ payloadSchema: z.looseObject({ more: z.string().optional() }) });
    await emit(1);
    expect([sender.numbers, events.stats().subscriptions.webhook]).toEqual([[1], 1]);
    await handle.update({ payloadSchema: z.object({ other: z.int() }) });
    await deliveries();
    const data = { feature: "payloadSchema", reason: "schema_changed" };
    expect(sender.attempts.at(-1)!.body).toMatchObject({ type: "terminated", error: { code: -32026, data } });
  });

  it("a type that is no longer delivered by webhook ends it, and no stream", async () => {
    const { sender, events, handle, host, subscribe } = await subscribed();
    const stream = host.stream({ name: "thing.happened" });
    await deliveries();
    await handle.update({ delivery: ["push", "poll"] });
    await deliveries();
    const data = { feature: "deliveryMode", value: "webhook" };
    expect(sender.attempts.at(-1)!.body).toMatchObject({ type: "terminated", error: { data } });
    expect(stream.kinds).toEqual(["active"]);
    expect(events.stats().subscriptions).toMatchObject({ webhook: 0, push: 1 });
    expect(await failure(subscribe())).toMatchObject({ error: "Unsupported", data });
  });

  it("a refresh after the type was removed and registered anew is a new subscription, which the old end spares", async () => {
    const { sender, events, handle, subscribe, delivered } = await subscribed();
    const removing = handle.remove();
    const anew = events.register(plain());
    const answer = await subscribe();
    await removing;
    await deliveries();
    sender.forget();
    expect(answer.deliveryStatus).toBeUndefined();
    await anew.emit({ n: 1 });
    await delivered();
    expect([sender.numbers, events.stats().subscriptions.webhook]).toEqual([[1], 1]);
  });

  it("what is suspended does not wait for ever: the end says how far it came", async () => {
    const { sender, emit, handle, events, answer, clock } = await subscribed();
    events.webhooks.suspend(answer.id);
    await emit(1);
    await handle.remove();
    await deliveries();
    expect(sender.attempts.at(-1)!.body).toMatchObject({
      type: "terminated",
      _meta: { [ORDERING_EXTENSION]: { through: 0 } },
    });
    await clock.advance(LONG);
    expect(events.stats()).toMatchObject({ readers: 0, timers: 0 });
  });

  it("one that is suspended while it drains does not wait for ever either", async () => {
    const { sender, emit, handle, events, clock } = await subscribed({}, {}, {}, offering(2));
    sender.answering = ({ n, body }) => (n === 1 ? 410 : body.type === "gap" ? 500 : 200);
    await emit(1);
    await handle.remove();
    await clock.advance(2 * LONG);
    await deliveries();
    expect(sender.numbers.at(-1)).toBe("terminated");
    expect(events.stats()).toMatchObject({ readers: 0, timers: 0 });
  });

  it("[pitfall 31]: an end that is not accepted is tried like an event, and then the subscription is gone", async () => {
    const { sender, handle, clock, events, logged } = await subscribed();
    sender.answering = () => 500;
    await handle.remove();
    await clock.advance(LONG);
    await deliveries();
    expect(sender.numbers).toEqual(Array.from({ length: 5 }, () => "terminated"));
    expect(new Set(sender.attempts.map(({ id }) => id)).size).toBe(1);
    expect(logged.at(-1)!.message).toContain("was not told that its subscription ended");
    expect(events.stats()).toMatchObject({ subscriptions: { webhook: 0 }, timers: 0 });
  });

  it("unsubscribing stops even the end; two ends of one key have ids of their own", async () => {
    const { sender, handle, clock, unsubscribe, events, subscribe } = await subscribed();
    sender.answering = () => 500;
    await handle.remove();
    await deliveries();
    await unsubscribe();
    await clock.advance(LONG);
    expect(sender.numbers).toEqual(["terminated"]);
    const again = events.register(plain());
    await subscribe();
    await clock.advance(100);
    await again.remove();
    await deliveries();
    const [first, second] = sender.attempts.map(({ id }) => id);
    expect(first === second).toBe(false);
  });
});

describe("AUTH-2: access withdrawn", () => {
  async function revocable(options: Parameters<typeof subscribed>[0] = {}, meta = {}) {
    let allowed = true;
    const hooks: string[] = [];
    const register = { authorize: () => allowed, onUnsubscribe: () => void hooks.push("off") };
    const made = await subscribed({ reauthorizeMs: 10_000, ...options }, register, {}, meta);
    const revoke = () => {
      allowed = false;
    };
    return { ...made, revoke, hooks };
  }

  it("AUTH-1: a no at subscribe is Forbidden, and nobody's endpoint is asked", async () => {
    const { events, subscribe, sender } = webhookSetup();
    events.register(plain(), { authorize: ({ principal }) => principal === "bob" });
    expect(await failure(subscribe())).toMatchObject({ error: "Forbidden" });
    expect(sender.verified).toEqual([]);
  });

  it("a no at the periodic question: nothing more goes out but the end, with the position", async () => {
    const { sender, emit, revoke, clock, events, hooks, subscribe } = await revocable();
    await emit(1);
    revoke();
    await clock.advance(10_000);
    await deliveries();
    await emit(2);
    await clock.advance(10_000);
    expect(sender.numbers).toEqual([1, "terminated"]);
    expect(sender.attempts.at(-1)!.body).toMatchObject({
      error: { code: -32024 },
      _meta: { [ORDERING_EXTENSION]: { through: 1 } },
    });
    expect([events.stats().timers, hooks]).toEqual([0, ["off"]]);
    expect(await failure(subscribe())).toMatchObject({ error: "Forbidden" });
  });

  it("[pitfall 25]: retries stop at once, and what is under way is cut off", async () => {
    const { sender, emit, revoke, clock, events } = await revocable({}, offering(2));
    sender.answering = ({ n, body }) => (body.type === "terminated" ? 200 : n === 1 ? 500 : undefined);
    await emit(1, 2);
    revoke();
    await events.reauthorize();
    await deliveries();
    await clock.advance(LONG);
    expect([sender.numbers, sender.open]).toEqual([[1, "terminated"], 0]);
  });

  it("withdrawn while a removed type drains: the rest does not go out", async () => {
    const { sender, emit, revoke, events, handle, clock } = await revocable();
    sender.answering = ({ n }) => (n === undefined ? 200 : 500);
    await emit(1, 2);
    await handle.remove();
    revoke();
    await events.reauthorize();
    await deliveries();
    await clock.advance(LONG);
    expect(sender.numbers).toEqual([1, "terminated"]);
    expect(events.stats()).toMatchObject({ readers: 0, timers: 0 });
  });

  it("withdrawn while a refresh verifies: the refresh fails, and the subscription stays gone", async () => {
    const { sender, revoke, events, subscribe, clock } = await revocable();
    const verify = sender.verify.bind(sender);
    sender.verify = async (target) => {
      revoke();
      await events.reauthorize();
      await verify(target);
    };
    expect(await failure(subscribe())).toMatchObject({ error: "Forbidden" });
    await clock.advance(LONG);
    await deliveries();
    expect(events.webhooks.list()).toEqual([]);
    expect(events.stats()).toMatchObject({ subscriptions: { webhook: 0 }, readers: 0, timers: 0 });
  });
});
