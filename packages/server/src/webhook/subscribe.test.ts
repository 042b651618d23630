import { memoryStore } from "@mcp-events/ordering";
import { ORDERING_EXTENSION, WireError } from "@mcp-events/protocol";
import { describe, expect, it } from "vitest";
import { FakeSender, fakeWebhook } from "../testing/fake-sender";
import { failure, note, plain, setup } from "../testing/setup";
import { lasting, offering, SECRET_A, URL_A, webhookSetup } from "../testing/webhook-setup";

const HOUR = 3_600_000;

function made(options: Parameters<typeof webhookSetup>[0] = {}) {
  const all = webhookSetup(options);
  const handle = all.events.register(plain());
  return { ...all, handle };
}

describe("the answer", () => {
  it("HOOK-1: id, the end of the lease, a cursor, truncated; no status of what is new", async () => {
    const { subscribe, clock } = made();
    const answer = await subscribe();
    expect(answer).toEqual({
      resultType: "complete",
      id: expect.stringMatching(/^sub_/),
      refreshBefore: new Date(clock.now() + HOUR).toISOString(),
      cursor: expect.any(String),
      truncated: false,
      _meta: { [ORDERING_EXTENSION]: { log: "events", epoch: expect.any(Number), through: 0 } },
    });
  });

  it("HOOK-1 ORDERING rule 10: what a receiver offers is granted within bounds", async () => {
    const { subscribe } = made({ webhooks: { maxWindow: 8, maxHoldMs: 500 } });
    const answer = await subscribe({}, { principal: "alice", meta: offering(99, 9_999) });
    expect(answer._meta[ORDERING_EXTENSION]).toMatchObject({ resequence: { window: 8, holdMs: 500 } });
  });

  it("CUR-3: a type without replay has no cursor anywhere, and is never truncated", async () => {
    const { events, subscribe, sender, delivered } = webhookSetup();
    const handle = events.register(plain(), { replay: false });
    const answer = await subscribe({ cursor: "forged" });
    expect([answer.cursor, answer.truncated]).toEqual([null, false]);
    await delivered();
    await handle.emit({ n: 1 });
    await delivered();
    expect(sender.attempts.map(({ body }) => body.cursor)).toEqual([null]);
  });

  it("CUR-6: an unreadable cursor is answered from now, truncated", async () => {
    const { subscribe, handle, sender, delivered } = made();
    await handle.emit({ n: 1 });
    expect((await subscribe({ cursor: "forged" })).truncated).toBe(true);
    await handle.emit({ n: 2 });
    await delivered();
    expect(sender.numbers).toEqual([2]);
  });
});

describe("who may subscribe, and with what", () => {
  it("HOOK-2: an anonymous caller is refused, to subscribe as to unsubscribe", async () => {
    const { subscribe, unsubscribe, sender } = made();
    expect(await failure(subscribe({}, { principal: null }))).toMatchObject({ error: "Forbidden" });
    expect(await failure(unsubscribe({}, { principal: null }))).toMatchObject({ error: "Forbidden" });
    expect(sender.verified).toEqual([]);
  });

  it("HOOK-2 [pitfall 35]: a principalOf that names somebody for nobody is refused when the server is made", () => {
    const transports = [fakeWebhook(new FakeSender())];
    expect(() => setup({ transports, principalOf: () => "the app" })).toThrow(/principalOf/);
    const strict = (authInfo: unknown) => (authInfo as { user: string }).user;
    expect(() => setup({ transports, principalOf: strict })).not.toThrow();
    expect(() => setup({ principalOf: () => "me" })).not.toThrow();
  });

  it("HOOK-5: a secret that is none, or a URL that is refused, is InvalidParams and asks nobody", async () => {
    const { subscribe, sender } = made();
    const short = `whsec_${btoa("a".repeat(23))}`;
    for (const delivery of [{ secret: short }, { secret: "s" }, { url: "http://a.example" }]) {
      expect(await failure(subscribe({ delivery }))).toMatchObject({ error: "InvalidParams" });
    }
    expect(sender.verified).toEqual([]);
  });

  it("HOOK-5: secrets in URL-safe and unpadded base64 are understood", async () => {
    const { subscribe } = made();
    const secret = `whsec_${Buffer.from("\xff".repeat(25), "latin1").toString("base64url")}`;
    expect((await subscribe({ delivery: { secret } })).id).toMatch(/^sub_/);
  });

  it("a mode that the type does not have is Unsupported; arguments that do not fit are InvalidParams", async () => {
    const { events, subscribe } = webhookSetup();
    events.register(plain(), { delivery: ["push"] });
    events.register(note);
    const data = { feature: "deliveryMode", value: "webhook" };
    expect(await failure(subscribe())).toMatchObject({ error: "Unsupported", data });
    const wrong = { name: "note.created", arguments: { author: 1 } };
    expect(await failure(subscribe(wrong))).toMatchObject({ error: "InvalidParams" });
    expect(await failure(subscribe({ name: "no.such" }))).toMatchObject({ error: "NotFound" });
  });

  it("HOOK-7: an endpoint that does not want deliveries gets none, and everything taken is given back", async () => {
    const { events, subscribe, sender, handle, delivered } = made();
    sender.refuse = new WireError("CallbackEndpointError", "no", { reason: "challenge_failed" });
    expect(await failure(subscribe())).toMatchObject({ data: { reason: "challenge_failed" } });
    await handle.emit({ n: 1 });
    await delivered();
    expect(sender.attempts).toEqual([]);
    expect(events.stats()).toMatchObject({ subscriptions: { webhook: 0 }, readers: 0, timers: 0 });
  });
});

describe("HOOK-6: the lifetime", () => {
  const settings = { minTtlMs: 60_000, defaultTtlMs: HOUR, maxTtlMs: 24 * HOUR };
  const durable = () => lasting(memoryStore());
  const cases: [string, number | null | undefined, boolean, number | null][] = [
    ["absent: the default", undefined, false, HOUR],
    ["at most what was asked for", 90_500.7, false, 90_500],
    ["the floor", 5, false, 60_000],
    ["a negative one: the floor, never an error", -1, false, 60_000],
    ["an enormous one: the cap", 1e300, false, 24 * HOUR],
    ["none, in memory: the cap", null, false, 24 * HOUR],
    ["none, in a durable store: no end", null, true, null],
  ];
  for (const [title, ttlMs, isDurable, expected] of cases) {
    it(title, async () => {
      const { subscribe, clock } = made({ webhooks: settings, ...(isDurable && { store: durable() }) });
      const { refreshBefore } = await subscribe(ttlMs === undefined ? {} : { ttlMs });
      expect(refreshBefore === null ? null : Date.parse(refreshBefore) - clock.now()).toBe(expected);
    });
  }

  it("none, with a durable log whose subscriptions live in memory: the cap", async () => {
    const store = { ...durable(), webhooks: undefined };
    const { subscribe } = made({ webhooks: settings, store });
    expect((await subscribe({ ttlMs: null })).refreshBefore).not.toBeNull();
  });

  it("a cap so far away that no date can say it is refused", () => {
    expect(() => webhookSetup({ webhooks: { maxTtlMs: Number.MAX_SAFE_INTEGER } })).toThrow(/maxTtlMs/);
    // Further ahead than a receiver can keep, refusals for want of room would count as attempts.
    expect(() => webhookSetup({ webhooks: { readAhead: 257 } })).toThrow(/readAhead .* from 1 to 256/);
  });
});

describe("the key", () => {
  it("HOOK-3: arguments in another order are the same key; another principal, URL or argument another", async () => {
    const { events, subscribe } = webhookSetup();
    events.register(plain());
    const { id } = await subscribe({ arguments: { a: 1, b: [2] } });
    const equal = await subscribe({ arguments: { b: [2], a: 1 } });
    expect([equal.id, equal.deliveryStatus?.active]).toEqual([id, true]);
    const others = [
      await subscribe({ arguments: { a: 1, b: [2] } }, { principal: "bob" }),
      await subscribe({ arguments: { a: 1, b: [2] }, delivery: { url: `${URL_A}2` } }),
      await subscribe({ arguments: { a: 1, b: [3] } }),
    ];
    expect(new Set([id, ...others.map((other) => other.id)]).size).toBe(4);
    expect(events.stats().subscriptions.webhook).toBe(4);
  });

  it("HOOK-3 [pitfall 35]: two principals with one URL are two subscriptions: one cannot end the other's", async () => {
    const { subscribe, unsubscribe, sender, handle, delivered } = made();
    const alice = await subscribe();
    await subscribe({}, { principal: "bob" });
    await unsubscribe({}, { principal: "bob" });
    await handle.emit({ n: 1 });
    await delivered();
    expect(sender.attempts.map(({ target }) => target.subscriptionId)).toEqual([alice.id]);
    expect(sender.attempts[0]!.target).toMatchObject({ principal: "alice", secrets: [SECRET_A] });
  });

  it("HOOK-17: unsubscribing what is not there is NotFound; delivery.mode is ignored", async () => {
    const { subscribe, unsubscribe, events } = made();
    const nothing = { error: "NotFound", data: { kind: "subscription" } };
    expect(await failure(unsubscribe())).toMatchObject(nothing);
    await subscribe();
    expect(await unsubscribe({ delivery: { url: URL_A, mode: "webhook" } })).toEqual({
      resultType: "complete",
    });
    expect(await failure(unsubscribe())).toMatchObject(nothing);
    expect(events.stats()).toMatchObject({ subscriptions: { webhook: 0 }, readers: 0, timers: 0 });
  });
});

describe("AUTH-3: limits", () => {
  it("[pitfall 26]: equal requests at once make one subscription, one delivery and one call of the hook", async () => {
    const hooks: string[] = [];
    const { events, subscribe, sender, delivered } = webhookSetup({
      limits: { subscriptionsPerPrincipal: 5 },
    });
    const handle = events.register(plain(), {
      onSubscribe: async () => void hooks.push("on"),
      onUnsubscribe: () => void hooks.push("off"),
    });
    const answers = await Promise.all(Array.from({ length: 41 }, () => subscribe()));
    expect(new Set(answers.map(({ id }) => id)).size).toBe(1);
    expect(events.stats()).toMatchObject({ subscriptions: { webhook: 1 }, readers: 1 });
    await delivered();
    await handle.emit({ n: 1 });
    await delivered();
    expect([sender.numbers, hooks]).toEqual([[1], ["on"]]);
  });

  it("[pitfall 26] [pitfall 38]: a limit of 5 lets 5 in, and is asked before the hook and the endpoint", async () => {
    let hooks = 0;
    const { events, subscribe, sender } = webhookSetup({ limits: { subscriptionsPerPrincipal: 5 } });
    events.register(plain(), {
      onSubscribe: () => {
        hooks += 1;
      },
    });
    const asked = Array.from({ length: 41 }, (_, n) => subscribe({ arguments: { n } }));
    const results = await Promise.allSettled(asked);
    const refused = results.filter(({ status }) => status === "rejected") as PromiseRejectedResult[];
    expect([refused.length, hooks, sender.verified.length]).toEqual([36, 5, 5]);
    expect(refused[0]!.reason).toMatchObject({
      error: "ResourceExhausted",
      data: { limit: "subscriptionsPerPrincipal", max: 5 },
    });
    expect((await subscribe({}, { principal: "bob" })).id).toMatch(/^sub_/);
  });

  it("a refresh needs no place of its own; what ends gives its place back", async () => {
    const { subscribe, unsubscribe } = made({ limits: { subscriptions: 1 } });
    await subscribe();
    await subscribe();
    await unsubscribe();
    await subscribe({ arguments: { n: 2 } });
  });
});
