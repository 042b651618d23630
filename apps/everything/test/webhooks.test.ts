import { describe, expect, it } from "vitest";
import { connect, PAIRINGS, paired, startApp } from "./support/app";
import { secretOf, verified } from "./support/hook";
import type { Raw } from "./support/json-rpc";
import { LINES, SECRET, WebhookApp } from "./support/webhook-app";

const ORDERING = "dev.mcp-events/ordering";

describe.each(PAIRINGS)("webhooks: sdk $sdk, $carrier, $dialect", (pairing) => {
  it("HOOK-1 HOOK-7 HOOK-9: challenge, answer, then signed deliveries in order", async () => {
    const app = await WebhookApp.start(pairing);
    const { hook } = app;
    const answer = await app.subscribe();
    expect(answer).toMatchObject({ truncated: false, cursor: expect.any(String), resultType: "complete" });
    expect(answer.id).toMatch(/^sub_[0-9a-f]{32}$/);
    expect(Date.parse(answer.refreshBefore)).toBeGreaterThan(Date.now());
    expect(hook.challenges).toHaveLength(1);
    verified(SECRET, hook.challenges[0]!);
    expect(hook.challenges[0]!.headers["webhook-id"]).toMatch(/^msg_verification_/);

    await app.emit(3);
    for (const n of [1, 2, 3]) {
      const posted = await hook.next();
      verified(SECRET, posted);
      expect(posted.body).toMatchObject({ name: "hookonly.pinged", data: { n }, cursor: expect.any(String) });
      expect(posted.headers).toMatchObject({
        "content-type": "application/json",
        "webhook-id": posted.body.eventId,
        "x-mcp-subscription-id": answer.id,
      });
      expect(posted.body._meta[ORDERING]).toMatchObject({ log: "events" });
    }
  });

  it("HOOK-17: unsubscribe stops delivery; a second one finds nothing", async () => {
    const app = await WebhookApp.start(pairing);
    await app.subscribe();
    const mode = { delivery: { url: app.hook.url(), mode: "webhook" } };
    expect((await app.unsubscribe(mode)).result).toMatchObject({ resultType: "complete" });
    const { error } = await app.unsubscribe();
    expect(error).toMatchObject({ code: -32023, data: { kind: "subscription" } });
    await app.emit(1);
    expect((await app.tool("stats")).subscriptions.webhook).toBe(0);
    expect(app.hook.posts).toEqual([]);
  });
});

describe.each(LINES)("webhooks: sdk $sdk, what is refused", (pairing) => {
  it("HOOK-5 HOOK-15: secrets, URLs and addresses that will not do", async () => {
    const app = await WebhookApp.start(pairing);
    const refused = [
      { secret: "whsec_c2hvcnQ=" },
      { secret: "not-a-secret" },
      { url: "ftp://127.0.0.1/hook" },
      { url: "http://192.168.0.1/hook" },
      { url: "https://10.0.0.1/hook" },
      { url: "https://[fe80::1]/hook" },
      { url: "https://2130706433.example:99999/" },
      { url: `https://user@example.com/hook` },
    ];
    for (const delivery of refused) {
      expect((await app.ask({ delivery })).error, JSON.stringify(delivery)).toMatchObject({ code: -32602 });
    }
  });

  it("HOOK-5: without the switch, neither plain http nor this machine", async () => {
    const app = await WebhookApp.start(pairing, { allowLoopbackWebhooks: false });
    for (const url of [app.hook.url(), "https://127.0.0.1/hook", "https://0x7f.1/", "https://localhost/"]) {
      expect((await app.ask({ delivery: { url } })).error, url).toMatchObject({ code: -32602 });
    }
    expect(app.hook.challenges).toEqual([]);
  });

  it("HOOK-7: an endpoint that does not echo, or is not there", async () => {
    const app = await WebhookApp.start(pairing);
    app.hook.echoes = false;
    expect((await app.ask()).error).toMatchObject({ code: -32027, data: { reason: "challenge_failed" } });
    const { error } = await app.ask({ delivery: { url: "http://127.0.0.1:9/hook" } });
    expect(error).toMatchObject({ code: -32027, data: { reason: "connection_refused" } });
  });

  it("names, modes, arguments and the old field", async () => {
    const app = await WebhookApp.start(pairing);
    const errors = [
      [{ name: "no.such" }, { code: -32023, data: { kind: "event" } }],
      [{ name: "pushonly.pinged" }, { code: -32026, data: { feature: "deliveryMode", value: "webhook" } }],
      [{ name: "note.created", arguments: { author: 7 } }, { code: -32602 }],
      [{ name: "note.created", params: { author: "ann" } }, { code: -32602 }],
      [{ delivery: { url: 7 } }, { code: -32602 }],
    ] as const;
    for (const [params, expected] of errors) expect((await app.ask(params)).error).toMatchObject(expected);
  });

  it("AUTH-1 HOOK-3: secrets are alice's; bob has a subscription of his own at the same URL", async () => {
    const { url } = await startApp({ sdk: pairing.sdk, allowLoopbackWebhooks: true });
    const alice = await connect(url, { dialect: pairing.dialect, token: "alice-token" });
    const bob = await connect(url, { dialect: pairing.dialect, token: "bob-token" });
    const app = await WebhookApp.start(pairing);
    const mine = await app.subscribe({}, alice);
    const his = await app.subscribe({}, bob);
    expect(his.id).not.toBe(mine.id);
    expect(app.hook.challenges).toHaveLength(2);
    expect((await app.ask({ name: "secret.created" }, bob)).error).toMatchObject({ code: -32024 });
    await app.subscribe({ name: "secret.created" }, alice);
  });
});

describe.each(LINES)("webhooks: sdk $sdk, subscriptions", (pairing) => {
  it("HOOK-4: the same key is a refresh: same id, another grant, both secrets sign, the cursor is ignored", async () => {
    const app = await WebhookApp.start(pairing);
    const first = await app.subscribe({ ttlMs: 60_000 });
    await app.emit(1);
    const { body } = await app.hook.next();
    const second = await app.subscribe({
      ttlMs: 600_000,
      cursor: first.cursor,
      delivery: { secret: secretOf("b") },
    });
    expect(second.id).toBe(first.id);
    expect(Date.parse(second.refreshBefore)).toBeGreaterThan(Date.parse(first.refreshBefore));
    expect(second.deliveryStatus).toMatchObject({ active: true, lastError: null });
    expect(app.hook.challenges).toHaveLength(1);

    await app.emit(1);
    const next = await app.hook.next();
    expect(next.body.eventId).not.toBe(body.eventId);
    verified(SECRET, next);
    verified(secretOf("b"), next);
    expect(next.headers["webhook-signature"]?.split(" ")).toHaveLength(2);
  });

  it("HOOK-6: a TTL is clamped, never refused, and null gets an end without a durable store", async () => {
    const app = await WebhookApp.start(pairing);
    for (const [ttlMs, least, most] of [
      [10_000, 0, 10_000],
      [1, 500, 1_000],
      [1e15, 86_000_000, 86_400_000],
      [null, 86_000_000, 86_400_000],
      [-5, 500, 1_000],
    ] as const) {
      const left = Date.parse((await app.subscribe({ ttlMs })).refreshBefore) - Date.now();
      expect(left).toBeGreaterThan(least - 500);
      expect(left).toBeLessThanOrEqual(most);
    }
  });

  it("HOOK-3: the id is the same after a restart, whatever the order of the arguments' members", async () => {
    const one = await WebhookApp.start(pairing);
    const url = one.hook.url();
    const other = await WebhookApp.start(pairing);
    const first = await one.subscribe({ name: "ticker.tick", arguments: { intervalMs: 5_000 } });
    const second = await other.subscribe({
      name: "ticker.tick",
      arguments: { intervalMs: 5_000 },
      delivery: { url },
    });
    expect(second.id).toBe(first.id);
  });

  it("HOOK-10 ORD-4: a body's cursor goes on in poll and in push, and a poll's in webhook", async () => {
    const app = await WebhookApp.start(pairing);
    const name = "note.created";
    const note = { id: "1", author: "ann", text: "hi" };
    const begun = await app.ok("events/poll", { name });
    await app.subscribe({ name });
    await app.emit(3, { name, data: note });
    const { body } = await app.hook.next();
    expect(await app.hook.numbers(2)).toEqual([2, 3]);

    const page = await app.ok("events/poll", { name, cursor: body.cursor });
    expect(page.events.map(({ data }: Raw) => data.n)).toEqual([2, 3]);
    const stream = await app.peer.stream({ name, cursor: body.cursor });
    expect((await stream.events(2)).map(({ data }) => data.n)).toEqual([2, 3]);
    await app.unsubscribe({ name });
    await app.subscribe({ name, cursor: begun.cursor });
    expect(await app.hook.numbers(3)).toEqual([1, 2, 3]);
  });

  it("a type without replay has no cursor, and a check-backed one fires by itself", async () => {
    const app = await WebhookApp.start(pairing);
    expect((await app.subscribe({ name: "noreplay.pinged" })).cursor).toBeNull();
    await app.emit(1, { name: "noreplay.pinged" });
    expect((await app.hook.next()).body.cursor).toBeNull();
    await app.subscribe({ name: "ticker.tick", arguments: { intervalMs: 50 } });
    const first = (await app.hook.next()).body.data.n;
    expect((await app.hook.next()).body.data.n).toBe(first + 1);
  });
});

it("HOOK-2: over stdio the principal is the one whose pipe it is", async () => {
  const peer = await paired(
    { sdk: "v2", carrier: "stdio", dialect: "modern" },
    { allowLoopbackWebhooks: true },
  );
  const { error } = await peer.request("events/subscribe", {
    name: "hookonly.pinged",
    delivery: { mode: "webhook", url: "http://127.0.0.1:9/", secret: SECRET },
  });
  expect(error).toMatchObject({ code: -32024 });
});
