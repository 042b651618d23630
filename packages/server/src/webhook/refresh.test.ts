import { ORDERING_EXTENSION } from "@mcp-events/protocol";
import { describe, expect, it } from "vitest";
import { deliveries } from "../testing/fake-sender";
import { failure, plain } from "../testing/setup";
import { ALICE, offering, SECRET_A, SECRET_B, subscribed, webhookSetup } from "../testing/webhook-setup";

const HOUR = 3_600_000;
const secretC = `whsec_${btoa("c".repeat(32))}`;
const rotation = (secret: string) => ({ delivery: { secret } });

describe("HOOK-4: the same key again", () => {
  it("grants the lifetime anew: it ends from the latest grant", async () => {
    const { subscribe, clock, events, unsubscribe } = await subscribed();
    await clock.advance(HOUR / 2);
    const { refreshBefore } = await subscribe();
    expect(Date.parse(refreshBefore!)).toBe(clock.now() + HOUR);
    await clock.advance(HOUR - 1_000);
    expect(events.stats().subscriptions.webhook).toBe(1);
    await clock.advance(2_000);
    expect(events.stats()).toMatchObject({ subscriptions: { webhook: 0 }, readers: 0, timers: 0 });
    expect(await failure(unsubscribe())).toMatchObject({ error: "NotFound" });
  });

  it("many expire with one timer, each in its time; a new one of the key begins anew", async () => {
    const hooks: unknown[] = [];
    const { events, subscribe, clock } = webhookSetup();
    events.register(plain(), { onUnsubscribe: (info) => void hooks.push(info.arguments) });
    for (const n of [3, 1, 2]) await subscribe({ arguments: { n }, ttlMs: n * 60_000 });
    await clock.advance(100);
    expect(events.stats().timers).toBe(2);
    await clock.advance(60_000);
    expect(hooks).toEqual([{ n: 1 }]);
    const again = await subscribe({ arguments: { n: 1 } });
    expect(again.deliveryStatus).toBeUndefined();
    await clock.advance(60_000);
    expect(hooks).toEqual([{ n: 1 }, { n: 2 }]);
  });

  it("an expired one that its timer did not reach yet is not refreshed", async () => {
    const { subscribe, clock, events } = await subscribed();
    clock.jump(HOUR + 1);
    expect((await subscribe()).deliveryStatus).toBeUndefined();
    expect(events.stats()).toMatchObject({ subscriptions: { webhook: 1 }, readers: 1 });
  });

  it("the cursor is ignored while the subscription is live, and is the replay point when it is not", async () => {
    const { subscribe, unsubscribe, emit, sender, answer, delivered } = await subscribed();
    await emit(1, 2);
    await subscribe({ cursor: answer.cursor });
    await delivered();
    expect(sender.numbers).toEqual([1, 2]);
    await unsubscribe();
    await subscribe({ cursor: answer.cursor });
    await delivered();
    expect(sender.numbers).toEqual([1, 2, 1, 2]);
  });

  it("CUR-4 [pitfall 10]: its cursor advances in quiet times, over what does not belong to the view too", async () => {
    const { subscribe, handle, answer, sender } = await subscribed({}, { match: () => false });
    await handle.emit({ n: 1 });
    await handle.emit({ n: 2 });
    const later = await subscribe();
    expect(later.cursor).not.toBe(answer.cursor);
    expect(later._meta[ORDERING_EXTENSION]).toMatchObject({ through: 2 });
    expect(sender.attempts).toEqual([]);
  });

  it("HOOK-10: its cursor is never ahead of what is not acknowledged", async () => {
    const { subscribe, emit, sender, answer, host } = await subscribed({}, {}, {}, offering(4));
    sender.answering = ({ n }) => (n === 1 ? undefined : 200);
    await emit(1, 2, 3);
    const later = await subscribe({}, { ...ALICE, meta: offering(4) });
    expect(later.cursor).toBe(answer.cursor);
    const page = await host.poll({ name: "thing.happened", cursor: later.cursor });
    expect(page.events.map(({ data }) => data.n)).toEqual([1, 2, 3]);
  });

  it("the status says what was; no refresh makes retries sooner or attempts more", async () => {
    const { subscribe, emit, sender, clock } = await subscribed({ random: () => 0.5 });
    sender.answering = () => 500;
    await emit(1);
    for (let turn = 0; turn < 8; turn += 1) {
      await subscribe();
      await clock.advance(100);
    }
    expect(sender.numbers).toEqual([1]);
    const { deliveryStatus } = await subscribe();
    expect(deliveryStatus).toMatchObject({ active: true, lastDeliveryAt: null, lastError: "http_5xx" });
    for (let turn = 0; turn < 60; turn += 1) {
      await clock.advance(10_000);
      await subscribe();
    }
    expect(sender.numbers.filter((n) => n === 1).length).toBe(5);
  });

  it("a refresh whose endpoint is refused changes nothing", async () => {
    const { subscribe, emit, sender } = await subscribed();
    sender.refuse = new Error("down");
    expect(await failure(subscribe(rotation(SECRET_B)))).toMatchObject({ error: "InternalError" });
    await emit(1);
    expect(sender.attempts[0]!.target.secrets).toEqual([SECRET_A]);
  });
});

describe("HOOK-4 [pitfall 30]: rotation of the secret", () => {
  it("both sign for the grace window, the newest first, and then the new one alone", async () => {
    const { subscribe, emit, sender, clock } = await subscribed({ webhooks: { secretGraceMs: 10_000 } });
    await subscribe(rotation(SECRET_B));
    await emit(1);
    await clock.advance(10_001);
    await emit(2);
    const secrets = sender.attempts.map(({ target }) => target.secrets);
    expect(secrets).toEqual([[SECRET_B, SECRET_A], [SECRET_B]]);
  });

  it("a retry signs with what is valid then", async () => {
    const { subscribe, emit, sender, clock } = await subscribed({ webhooks: { secretGraceMs: 0 } });
    sender.answering = () => (sender.attempts.length === 1 ? 500 : 200);
    await emit(1);
    await subscribe(rotation(SECRET_B));
    await clock.advance(5_000);
    expect(sender.attempts.map(({ target }) => target.secrets)).toEqual([[SECRET_A], [SECRET_B]]);
  });

  it("the same secret again is no rotation; one that comes back is not there twice", async () => {
    const { subscribe, emit, sender } = await subscribed();
    await subscribe();
    await emit(1);
    await subscribe(rotation(SECRET_B));
    await subscribe(rotation(SECRET_A));
    await emit(2);
    const secrets = sender.attempts.map(({ target }) => target.secrets);
    expect(secrets).toEqual([[SECRET_A], [SECRET_A, SECRET_B]]);
  });

  it("a client that rotates all the time never makes more than a few sign", async () => {
    const { subscribe, emit, sender } = await subscribed();
    for (let turn = 0; turn < 20; turn += 1) {
      await subscribe(rotation(`whsec_${btoa(String(turn).padEnd(32, "."))}`));
    }
    await subscribe(rotation(secretC));
    await emit(1);
    const { secrets } = sender.attempts[0]!.target;
    expect([secrets.length, secrets[0]]).toEqual([4, secretC]);
  });
});

describe("ORDERING rule 10: what the receiver offers changes with a refresh", () => {
  it("from a window to strict order: what is not settled is posted again, one after the other", async () => {
    const { subscribe, emit, sender } = await subscribed({}, {}, {}, offering(4));
    sender.answering = undefined;
    await emit(1, 2, 3);
    expect(sender.numbers).toEqual([1, 2, 3]);
    sender.forget();
    await subscribe();
    await deliveries();
    for (const n of [1, 2, 3]) {
      expect(sender.attempts.at(-1)!.n).toBe(n);
      sender.attempts.at(-1)!.answer(200);
      await deliveries();
    }
    expect(sender.numbers).toEqual([1, 2, 3]);
  });

  it("from strict order to a window; the marks go on where they were", async () => {
    const { subscribe, emit, sender } = await subscribed();
    await emit(1);
    sender.answering = undefined;
    await emit(2, 3);
    sender.forget();
    const answer = await subscribe({}, { ...ALICE, meta: offering(4) });
    await deliveries();
    expect(answer._meta[ORDERING_EXTENSION]).toMatchObject({ resequence: { window: 4 }, through: 1 });
    const marks = sender.attempts.map(({ body }) => body._meta[ORDERING_EXTENSION]);
    expect(marks).toMatchObject([
      { seq: 2, prev: 1, settled: 1 },
      { seq: 3, prev: 2, settled: 1 },
    ]);
  });

  it("before delivery began it changes nothing but the way", async () => {
    const { events, subscribe, sender, delivered } = webhookSetup();
    const handle = events.register(plain());
    await subscribe();
    await handle.emit({ n: 1 });
    await subscribe({}, { ...ALICE, meta: offering(4) });
    await deliveries();
    expect(sender.numbers).toEqual([]);
    await delivered();
    expect(sender.numbers).toEqual([1]);
    expect(events.stats().readers).toBe(1);
  });
});
