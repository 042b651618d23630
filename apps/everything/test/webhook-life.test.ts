import { describe, expect, it } from "vitest";
import { PAIRINGS } from "./support/app";
import { type Posted, verified } from "./support/hook";
import type { Raw } from "./support/json-rpc";
import { LINES, SECRET, WebhookApp } from "./support/webhook-app";

const ORDERING = "dev.mcp-events/ordering";

const stamp = ({ headers }: Posted) => Number(headers["webhook-timestamp"]);

/** Waits until so many webhook subscriptions are left. */
async function left(app: WebhookApp, count: number): Promise<void> {
  while ((await app.tool("stats")).subscriptions.webhook !== count) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

describe.each(LINES)("the life of a webhook subscription: sdk $sdk", (pairing) => {
  it("HOOK-9 [pitfall 30]: each attempt has a timestamp and a signature of its own, and the same id", async () => {
    const app = await WebhookApp.start(pairing);
    app.hook.answering = (_posted, res) => {
      if (app.hook.posts.length === 0) res.writeHead(503, { "retry-after": "2" }).end();
      return undefined;
    };
    await app.subscribe();
    await app.emit(1);
    const [first, second] = [await app.hook.next(), await app.hook.next()];
    expect(stamp(second) - stamp(first)).toBeGreaterThanOrEqual(1);
    expect(second.headers["webhook-signature"]).not.toBe(first.headers["webhook-signature"]);
    expect(second.headers["webhook-id"]).toBe(first.headers["webhook-id"]);
    expect(second.text).toBe(first.text);
    verified(SECRET, first);
    verified(SECRET, second);
    expect(Math.abs(stamp(second) - Date.now() / 1000)).toBeLessThan(5);
  });

  it("HOOK-12: an endpoint that does not answer is given up on in time, and the event comes again", async () => {
    const app = await WebhookApp.start(pairing);
    app.hook.answering = () => (app.hook.posts.length < 2 ? "held" : 204);
    await app.subscribe();
    await app.emit(2);
    expect(await app.hook.numbers(2)).toEqual([1, 1]);
    expect((await app.tool("webhooks")).webhooks[0].status).toMatchObject({
      active: true,
      lastError: "timeout",
      failedSince: expect.any(String),
    });
    expect(await app.hook.numbers(2)).toEqual([1, 2]);
    expect((await app.subscribe()).deliveryStatus).toMatchObject({ active: true, lastError: null });
  });

  it("HOOK-6: a grant that is over ends it without a word; a later cursor goes on from there", async () => {
    const app = await WebhookApp.start(pairing);
    const first = await app.subscribe({ ttlMs: 1 });
    await app.emit(1);
    const { cursor } = (await app.hook.next()).body;
    await left(app, 0);
    await app.emit(3);
    const second = await app.subscribe({ cursor });
    expect(second).toMatchObject({ id: first.id, truncated: false });
    expect(await app.hook.numbers(3)).toEqual([1, 2, 3]);
    expect(app.hook.posts).toHaveLength(4);
  });

  it("CUR-2: without a cursor it begins from now, whatever was before", async () => {
    const app = await WebhookApp.start(pairing);
    await app.emit(3);
    await app.subscribe();
    await app.emit(1, { data: { late: true } });
    expect((await app.hook.next()).body.data).toEqual({ late: true, n: 1 });
    expect(app.hook.posts).toHaveLength(1);
  });

  it("HOOK-13: suspend and resume stop delivery and let it go on, with nothing lost", async () => {
    const app = await WebhookApp.start(pairing);
    const { id } = await app.subscribe();
    await app.emit(1, { data: { first: true } });
    await app.hook.next();
    await app.tool("suspend", { id });
    await app.emit(3);
    const [suspended] = (await app.tool("webhooks")).webhooks;
    expect(suspended).toMatchObject({
      id,
      principal: "alice",
      url: app.hook.url(),
      status: { active: false },
    });
    expect(app.hook.posts).toHaveLength(1);
    await app.tool("resume", { id });
    expect(await app.hook.numbers(3)).toEqual([1, 2, 3]);
    expect((await app.tool("webhooks")).webhooks[0].status.active).toBe(true);
  });

  it("ORDERING rule 14: with onExhausted suspend the lane stops, and a refresh begins with the same event", async () => {
    const app = await WebhookApp.start(pairing, { webhooks: { maxAttempts: 2, onExhausted: "suspend" } });
    app.hook.answering = () => 500;
    await app.subscribe();
    await app.emit(2);
    expect(await app.hook.numbers(2)).toEqual([1, 1]);
    while ((await app.tool("webhooks")).webhooks[0].status.active)
      await new Promise((done) => setTimeout(done));
    expect((await app.tool("dead_letters")).count).toBe(0);
    app.hook.answering = () => 204;
    expect((await app.subscribe()).deliveryStatus).toMatchObject({ active: false, lastError: "http_5xx" });
    expect(await app.hook.numbers(2)).toEqual([1, 2]);
  });

  it("HOOK-11 CUR-6 [pitfall 7]: what retention took while suspended is a gap envelope, then the next event", async () => {
    const app = await WebhookApp.start(pairing);
    const { id } = await app.subscribe();
    await app.tool("suspend", { id });
    await app.emit(3);
    await app.tool("truncate", { name: "hookonly.pinged" });
    const { positions } = await app.emit(1, { data: { kept: true } });
    expect((await app.subscribe()).deliveryStatus).toMatchObject({ active: false });
    const [gap, event] = [await app.hook.next(), await app.hook.next()];
    verified(SECRET, gap);
    expect(gap.body).toMatchObject({ type: "gap", cursor: expect.any(String) });
    expect(gap.headers["webhook-id"]).toMatch(/^msg_gap_/);
    expect(event.body.data).toEqual({ kept: true, n: 1 });
    const { seq, prev } = event.body._meta[ORDERING];
    expect([seq, prev]).toEqual([positions[0].seq, gap.body._meta[ORDERING].through]);
    const page = await app.ok("events/poll", { name: "note.created", cursor: gap.body.cursor });
    expect(page.truncated).toBe(false);
  });

  it("HOOK-11 ORDERING rule 14: a gap envelope is tried again under its id, before anything later", async () => {
    const app = await WebhookApp.start(pairing);
    let refusals = 2;
    app.hook.answering = ({ body }) => {
      if (body.data?.n === 1) return 410;
      return body.type === "gap" && refusals-- > 0 ? 500 : 204;
    };
    await app.subscribe();
    await app.emit(2);
    expect(await app.hook.numbers(5)).toEqual([1, "gap", "gap", "gap", 2]);
    const gaps = app.hook.posts.filter(({ body }) => body.type === "gap");
    expect(new Set(gaps.map(({ headers }) => headers["webhook-id"])).size).toBe(1);
    for (const gap of gaps) verified(SECRET, gap);
  });

  it("HOOK-10 ORDERING rule 13: in a window a body's cursor is not ahead of what is not settled", async () => {
    const app = await WebhookApp.start(pairing, { webhookTimeoutMs: 10_000 });
    const name = "note.created";
    const _meta = { [ORDERING]: { resequence: { window: 4, holdMs: 100 } } };
    const held: (() => void)[] = [];
    app.hook.answering = (_posted, res) => {
      held.push(() => res.writeHead(204).end());
      return "held";
    };
    await app.subscribe({ name, _meta });
    await app.emit(4, { name, data: { id: "1", author: "ann", text: "hi" } });
    const posts: Posted[] = [];
    while (posts.length < 4) posts.push(await app.hook.next());
    const after = async ({ body }: Posted) =>
      (await app.ok("events/poll", { name, cursor: body.cursor })).events.map(({ data }: Raw) => data.n);
    // Everything before the first is settled, so its cursor may be its own place.
    expect(await after(posts[0]!)).toEqual([2, 3, 4]);
    for (const posted of posts.slice(1)) expect(await after(posted)).toEqual([1, 2, 3, 4]);
    for (const answer of held) answer();
  });

  it("CUR-6: a cursor that nobody gave is a gap, not an error", async () => {
    const app = await WebhookApp.start(pairing);
    for (const [index, cursor] of ["", "noise", "x".repeat(100_000)].entries()) {
      const answer = await app.subscribe({ cursor, delivery: { url: app.hook.url(`/${index}`) } });
      expect(answer).toMatchObject({ truncated: true, cursor: expect.any(String) });
    }
  });

  it("OCC-3: the largest event that is taken is posted in a body of at most 256 KiB", async () => {
    const app = await WebhookApp.start(pairing);
    await app.subscribe();
    const text = (length: number) => ({ data: { text: "x".repeat(length) }, eventId: "i".repeat(256) });
    let length = 262_144;
    const tooLarge = async () =>
      app.emit(1, text(length)).then(
        () => false,
        () => true,
      );
    while (await tooLarge()) length -= 64;
    const { text: body } = await app.hook.next();
    expect(body.length).toBeGreaterThan(260_000);
    expect(body.length).toBeLessThanOrEqual(262_144);
  });

  it("ORD-1 ORDERING rules 10, 11 and 18: a window and an endpoint that fails at random: each names what came before", async () => {
    const app = await WebhookApp.start(pairing, { webhooks: { maxAttempts: 50 } });
    const accepted = new Map<number, Raw>();
    app.hook.answering = ({ body }) => {
      if (Math.random() < 0.4) return 500;
      accepted.set(body.data.n, body._meta[ORDERING]);
      return 204;
    };
    const _meta = { [ORDERING]: { resequence: { window: 8, holdMs: 100 } } };
    const { _meta: begun } = await app.subscribe({ name: "slow.created", _meta });
    await app.emit(40, { name: "slow.created" });
    while (accepted.size < 40) await app.hook.next();
    const line = [...accepted].sort(([one], [other]) => one - other).map(([, mark]) => mark);
    expect(line.map(({ prev }) => prev)).toEqual([
      begun[ORDERING].through,
      ...line.slice(0, -1).map(({ seq }) => seq),
    ]);
    for (const { settled, prev } of line) expect(settled).toBeLessThanOrEqual(prev);
  });
});

describe.each(PAIRINGS)("webhooks: sdk $sdk, $carrier, $dialect", (pairing) => {
  it("ORD-5: types of one log and a stream beside it number alike", async () => {
    const app = await WebhookApp.start(pairing);
    const note = { name: "note.created", data: { id: "1", author: "ann", text: "hi" } };
    const stream = await app.peer.stream({ name: note.name });
    await stream.next("active");
    await app.subscribe();
    await app.subscribe({ name: note.name });
    for (let round = 0; round < 3; round += 1) {
      await app.emit(1);
      await app.emit(1, note);
    }
    const posts: Posted[] = [];
    while (posts.length < 6) posts.push(await app.hook.next());
    const places = new Map(posts.map(({ body }) => [body._meta[ORDERING].seq, body]));
    const seqs = [...places.keys()].sort((one, other) => one - other);
    const names = seqs.map((seq) => places.get(seq).name);
    expect(names).toEqual(Array.from({ length: 3 }, () => ["hookonly.pinged", note.name]).flat());
    for (const event of await stream.events(3)) {
      const { seq, prev, key } = event._meta[ORDERING];
      const posted = places.get(seq);
      expect(posted).toMatchObject({ eventId: event.eventId, data: event.data, timestamp: event.timestamp });
      expect(posted._meta[ORDERING]).toMatchObject({ prev, key });
      expect(posted.cursor).toBe(event.cursor);
    }
  });
});
