import { createPublicKey, verify } from "node:crypto";
import { describe, expect, it } from "vitest";
import { connect, eventually, startApp } from "./support/app";
import { isVerified, type Posted, secretOf, verified } from "./support/hook";
import type { Raw } from "./support/json-rpc";
import { LINES, SECRET, WebhookApp } from "./support/webhook-app";

const ORDERING = "dev.mcp-events/ordering";

describe.each(LINES)("webhook deliveries: sdk $sdk", (pairing) => {
  it("HOOK-12 ORDERING rule 11: a failure is tried again, and nothing later comes before it", async () => {
    const app = await WebhookApp.start(pairing);
    let failures = 3;
    app.hook.answering = ({ body }) => (body.data.n === 2 && failures-- > 0 ? 500 : 204);
    await app.subscribe();
    await app.emit(3);
    expect(await app.hook.numbers(6)).toEqual([1, 2, 2, 2, 2, 3]);
    for (const posted of app.hook.posts) verified(SECRET, posted);
    const again = app.hook.posts.filter(({ body }) => body.data.n === 2);
    expect(new Set(again.map(({ headers }) => headers["webhook-id"])).size).toBe(1);
  });

  it("HOOK-12: redirects are not followed, Retry-After is respected", async () => {
    const app = await WebhookApp.start(pairing);
    const times: number[] = [];
    app.hook.answering = (_posted, res) => {
      times.push(performance.now());
      if (times.length === 1) res.writeHead(302, { location: app.hook.url("/elsewhere") }).end();
      else if (times.length === 2) res.writeHead(429, { "retry-after": "1" }).end();
      return undefined;
    };
    await app.subscribe();
    await app.emit(1);
    expect(await app.hook.numbers(3)).toEqual([1, 1, 1]);
    expect(app.hook.posts.map(({ path }) => path)).toEqual(["/hook", "/hook", "/hook"]);
    expect(times[2]! - times[1]!).toBeGreaterThan(900);
  });

  it.each([410, 413])(
    "HOOK-12 ORDERING rule 14: %d gives the event up: dead letter, gap in its place, then the next",
    async (status) => {
      const app = await WebhookApp.start(pairing);
      app.hook.answering = ({ body }) =>
        body.data?.n === 2 && !body._meta[ORDERING].redriveOf ? status : 204;
      const { id } = await app.subscribe();
      const { positions } = await app.emit(3);
      expect(await app.hook.numbers(4)).toEqual([1, 2, "gap", 3]);
      const [, second, gap, third] = app.hook.posts as [Posted, Posted, Posted, Posted];
      verified(SECRET, gap);
      expect(gap.headers["webhook-id"]).toMatch(/^msg_gap_/);
      expect(gap.body).toMatchObject({ type: "gap", cursor: expect.any(String) });
      expect(gap.body._meta[ORDERING]).toMatchObject({ seq: positions[1].seq, prev: positions[0].seq });
      expect(third.body._meta[ORDERING]).toMatchObject({ prev: positions[1].seq });

      const { deadLetters } = await app.tool("dead_letters");
      expect(deadLetters).toMatchObject([
        { subscriptionId: id, lastError: "http_4xx", entry: { eventId: second.body.eventId } },
      ]);
      await app.tool("dead_letters", { action: "replay", id: deadLetters[0].id });
      const { body } = await app.hook.next();
      expect(body._meta[ORDERING].redriveOf).toBe(second.body.eventId);
      expect(body.eventId).not.toBe(second.body.eventId);
      expect((await app.tool("dead_letters")).count).toBe(0);
    },
  );

  it("HOOK-12: attempts are used up, the gap comes, and a drop forgets the letter", async () => {
    const app = await WebhookApp.start(pairing, { webhooks: { maxAttempts: 3 } });
    app.hook.answering = ({ body }) => (body.data?.n === 1 ? 500 : 204);
    await app.subscribe();
    await app.emit(2);
    expect(await app.hook.numbers(5)).toEqual([1, 1, 1, "gap", 2]);
    const { deadLetters } = await app.tool("dead_letters");
    expect(deadLetters).toMatchObject([{ attempts: 3, lastError: "http_5xx" }]);
    expect(await app.tool("dead_letters", { action: "drop", id: deadLetters[0].id })).toMatchObject({
      dropped: true,
    });
  });

  it("HOOK-13 HOOK-14: suspended, nothing comes and nothing is lost; a refresh says so and goes on", async () => {
    const app = await WebhookApp.start(pairing);
    const { id } = await app.subscribe();
    await app.emit(1);
    await app.hook.next();
    await app.tool("suspend", { id });
    await app.emit(2);
    expect((await app.tool("webhooks")).webhooks[0].status.active).toBe(false);
    expect(app.hook.posts).toHaveLength(1);
    expect((await app.subscribe()).deliveryStatus).toMatchObject({ active: false });
    expect(await app.hook.numbers(2)).toEqual([1, 2]);
  });

  it("AUTH-2: access that is withdrawn ends it, with a terminated envelope and nothing else", async () => {
    const app = await WebhookApp.start(pairing);
    await app.subscribe();
    await app.tool("revoke", { principal: "alice", name: "hookonly.pinged" });
    const posted = await app.hook.next();
    verified(SECRET, posted);
    expect(posted.body).toMatchObject({ type: "terminated", error: { code: -32024 } });
    expect((await app.ask()).error).toMatchObject({ code: -32024 });
  });

  it("LIST-4: removal drains what was emitted before, then says NotFound", async () => {
    const app = await WebhookApp.start(pairing);
    await app.subscribe();
    await app.emit(3);
    await app.tool("remove_type", { name: "hookonly.pinged" });
    expect(await app.hook.numbers(4)).toEqual([1, 2, 3, "terminated"]);
    expect(app.hook.posts.at(-1)!.body.error).toMatchObject({ code: -32023, data: { kind: "event" } });
  });

  it("LIST-4: a breaking change ends it with Unsupported, an additive one does not", async () => {
    const app = await WebhookApp.start(pairing);
    await app.subscribe();
    await app.tool("change_type", { name: "hookonly.pinged", breaking: false });
    await app.emit(1);
    expect(await app.hook.numbers(1)).toEqual([1]);
    await app.tool("change_type", { name: "hookonly.pinged", breaking: true });
    expect((await app.hook.next()).body).toMatchObject({
      type: "terminated",
      error: { code: -32026, data: { reason: "schema_changed" } },
    });
  });

  it("ORD-1 ORDERING rule 5: an asynchronous match, an endpoint that fails at random: the order is the log's", async () => {
    const app = await WebhookApp.start(pairing, { webhooks: { maxAttempts: 50 } });
    const accepted: unknown[] = [];
    app.hook.answering = ({ body }) => {
      if (Math.random() < 0.3) return 500;
      accepted.push(body.data.n);
      return 204;
    };
    await app.subscribe({ name: "slow.created" });
    await app.emit(40, { name: "slow.created" });
    await eventually(
      async () => accepted,
      ({ length }) => length >= 40,
    );
    expect(accepted).toEqual(Array.from({ length: 40 }, (_, index) => index + 1));
  }, 30_000);

  it("ORDERING rules 10 and 23: a window is granted to a receiver that offers to put events in order", async () => {
    const app = await WebhookApp.start(pairing);
    const _meta = { [ORDERING]: { resequence: { window: 4, holdMs: 100 } } };
    const answer = await app.subscribe({ _meta });
    expect(answer._meta[ORDERING]).toMatchObject({ resequence: { window: 4, holdMs: 100 } });
    const held: (() => void)[] = [];
    app.hook.answering = (_posted, res) => {
      held.push(() => res.writeHead(204).end());
      return "held";
    };
    await app.emit(6);
    expect(await app.hook.numbers(4)).toEqual([1, 2, 3, 4]);
    for (const answer of held.splice(0)) answer();
    expect(await app.hook.numbers(2)).toEqual([5, 6]);
    for (const answer of held) answer();
  });

  it("profile sketch: the older numbers", async () => {
    const app = await WebhookApp.start(pairing, { profile: "sketch" });
    expect((await app.unsubscribe()).error).toMatchObject({ code: -32011 });
    app.hook.echoes = false;
    expect((await app.ask()).error).toMatchObject({ code: -32015 });
  });

  it("webhookId message: an id of the message, the same for its attempts", async () => {
    const app = await WebhookApp.start(pairing, { webhooks: { webhookId: "message" } });
    let failures = 1;
    app.hook.answering = () => (failures-- > 0 ? 500 : 204);
    await app.subscribe();
    await app.emit(1);
    const ids = [await app.hook.next(), await app.hook.next()].map(({ headers }) => headers["webhook-id"]);
    expect(new Set(ids).size).toBe(1);
    expect(ids[0]).toMatch(/^msg_/);
  });
});

it("HOOK-16: the server's own signature verifies with its published key, and other verifiers do not mind it", async () => {
  const { url } = await startApp({ webhookIdentity: true, allowLoopbackWebhooks: true });
  const alice = await connect(url, { token: "alice-token" });
  const app = await WebhookApp.start(LINES[0]);
  await app.subscribe({}, alice);
  const { headers, text } = app.hook.challenges[0]!;
  verified(SECRET, app.hook.challenges[0]!);
  expect(isVerified(secretOf("z"), app.hook.challenges[0]!)).toBe(false);
  const response = await fetch(new URL("/.well-known/mcp-webhook-jwks.json", url));
  const { keys }: Raw = await response.json();
  expect(keys).toMatchObject([{ kty: "OKP", crv: "Ed25519", kid: "everything" }]);
  const key = createPublicKey({ key: keys[0], format: "jwk" });
  const [v1, v1a] = headers["webhook-signature"]!.split(" ");
  expect(v1).toMatch(/^v1,/);
  const signed = `${headers["webhook-id"]}.${headers["webhook-timestamp"]}.${text}`;
  expect(verify(null, Buffer.from(signed), key, Buffer.from(v1a!.slice("v1a,".length), "base64"))).toBe(true);
});
