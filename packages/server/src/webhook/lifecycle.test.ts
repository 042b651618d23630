import { describe, expect, it } from "vitest";
import { deliveries, until } from "../testing/fake-sender";
import { change, FakeUpstream } from "../testing/fake-upstream";
import { failure, plain } from "../testing/setup";
import { answersLater } from "../testing/slow-store";
import { subscribed, webhookSetup } from "../testing/webhook-setup";

describe("subscribing", () => {
  it("[pitfall 6]: nothing is posted before the answer is there, whatever waits", async () => {
    const { events, subscribe, unsubscribe, sender, clock } = webhookSetup();
    const handle = events.register(plain());
    const first = await subscribe();
    await unsubscribe();
    await handle.emit({ n: 1 });
    await subscribe({ cursor: first.cursor });
    await handle.emit({ n: 2 });
    void events.flush();
    await deliveries();
    expect(sender.attempts).toEqual([]);
    await clock.advance(50);
    await deliveries();
    expect(sender.numbers).toEqual([1, 2]);
  });

  it("[pitfall 5] [pitfall 4]: events emitted while subscribe verifies and replays come after the backlog, once", async () => {
    const { events, subscribe, unsubscribe, sender, delivered } = webhookSetup();
    const slow: (() => void)[] = [];
    const handle = events.register(plain(), {
      onSubscribe: () => new Promise<void>((resolve) => slow.push(resolve)),
    });
    const first = subscribe();
    await until(() => slow.length > 0);
    slow.shift()!();
    const { cursor } = await first;
    await unsubscribe();
    await handle.emit({ n: 1 });
    const second = subscribe({ cursor });
    await until(() => slow.length > 0);
    await handle.emit({ n: 2 });
    slow.shift()!();
    await second;
    await handle.emit({ n: 3 });
    sender.answering = undefined;
    await delivered();
    for (const n of [1, 2, 3]) {
      expect(sender.numbers.at(-1)).toBe(n);
      sender.attempts.at(-1)!.answer(200);
      await deliveries();
    }
    expect(sender.numbers).toEqual([1, 2, 3]);
  });

  it("[pitfall 22]: a request that is cancelled meanwhile leaves nothing behind, and each hook runs once", async () => {
    const hooks: string[] = [];
    const { events, subscribe } = webhookSetup();
    let go = () => {};
    events.register(plain(), {
      onSubscribe: async () => {
        hooks.push("on");
        await new Promise<void>((resolve) => (go = resolve));
      },
      onUnsubscribe: () => void hooks.push("off"),
    });
    const abort = new AbortController();
    const asked = failure(subscribe({}, { principal: "alice", signal: abort.signal }));
    await until(() => hooks.length > 0);
    abort.abort();
    go();
    expect(await asked).toMatchObject({ error: "InternalError" });
    expect(hooks).toEqual(["on", "off"]);
    expect(events.stats()).toMatchObject({ subscriptions: { webhook: 0 }, readers: 0, timers: 0, views: 0 });
  });

  it("a type that is removed while it is subscribed to gets no subscription", async () => {
    const { events, subscribe } = webhookSetup();
    const going: (() => void)[] = [];
    const handle = events.register(plain(), {
      onSubscribe: () => new Promise<void>((resolve) => going.push(resolve)),
    });
    const asked = failure(subscribe());
    await until(() => going.length > 0);
    await handle.remove();
    going[0]!();
    expect(await asked).toMatchObject({ error: "NotFound" });
    expect(events.stats()).toMatchObject({ subscriptions: { webhook: 0 }, readers: 0, timers: 0 });
  });
});

describe("unsubscribing", () => {
  it("HOOK-17 [pitfall 25]: retries stop at once, and what is under way is cut off", async () => {
    const { unsubscribe, emit, sender, clock, events } = await subscribed();
    sender.answering = () => 500;
    await emit(1);
    await unsubscribe();
    await clock.advance(900_000);
    expect(sender.numbers).toEqual([1]);
    expect(events.stats()).toMatchObject({ readers: 0, timers: 0, views: 0 });
  });

  it("HOOK-17: an attempt that hangs is cut off", async () => {
    const { unsubscribe, emit, sender } = await subscribed();
    sender.answering = undefined;
    await emit(1);
    expect(sender.open).toBe(1);
    await unsubscribe();
    expect(sender.open).toBe(0);
  });

  it("subscribe, unsubscribe, subscribe at once, in any number, end as the last one said", async () => {
    const hooks: string[] = [];
    const { events, subscribe, unsubscribe, sender, delivered } = webhookSetup();
    const handle = events.register(plain(), {
      onSubscribe: async () => void hooks.push("on"),
      onUnsubscribe: async () => void hooks.push("off"),
    });
    const all: Promise<unknown>[] = [];
    for (let turn = 0; turn < 20; turn += 1) all.push(subscribe(), subscribe(), unsubscribe());
    all.push(subscribe());
    const results = await Promise.allSettled(all);
    expect(results.filter(({ status }) => status === "rejected")).toEqual([]);
    expect(hooks).toEqual([...Array.from({ length: 20 }, () => ["on", "off"]).flat(), "on"]);
    await delivered();
    await handle.emit({ n: 1 });
    await delivered();
    expect(sender.numbers).toEqual([1]);
    expect(events.stats()).toMatchObject({ subscriptions: { webhook: 1 }, readers: 1 });
  });

  it("HOOK-3: requests of one key are served in the order in which they came, however long hashing takes", async () => {
    const { events, subscribe, unsubscribe } = webhookSetup();
    events.register(plain());
    for (let round = 0; round < 20; round += 1) {
      const all = Array.from({ length: 40 }, (_, n) => (n % 2 === 0 ? subscribe() : unsubscribe()));
      const results = await Promise.allSettled(all);
      expect(results.filter(({ status }) => status === "rejected")).toEqual([]);
      expect(events.stats().subscriptions.webhook).toBe(0);
    }
  });

  it("a hook that throws is logged; the subscription is gone all the same", async () => {
    const { unsubscribe, events, logged } = await subscribed(
      {},
      {
        onUnsubscribe: () => {
          throw new Error("hook");
        },
      },
    );
    await unsubscribe();
    expect(events.stats().subscriptions.webhook).toBe(0);
    expect(logged.map(({ message }) => message)).toContain("mcp-events: onUnsubscribe threw");
  });
});

describe("cost", () => {
  it("10,000 idle subscriptions have two timers together, and one view for each principal", async () => {
    const many = answersLater() ? 1_000 : 10_000;
    const { events, subscribe, clock, sender } = webhookSetup({
      limits: { subscriptions: many, subscriptionsPerPrincipal: many },
      reauthorizeMs: 3_000_000,
    });
    const handle = events.register(plain());
    const all = Array.from({ length: many }, (_, n) =>
      subscribe({ delivery: { url: `https://a.example/${n}` } }),
    );
    await Promise.all(all);
    await clock.advance(50);
    expect(events.stats()).toMatchObject({ subscriptions: { webhook: many }, timers: 2, views: 1 });
    await handle.emit({ n: 1 });
    await deliveries();
    expect([sender.attempts.length, events.stats().timers]).toEqual([many, 2]);
    await events.close();
    expect(events.stats()).toMatchObject({ subscriptions: { webhook: 0 }, timers: 0, views: 0, readers: 0 });
  }, 60_000);

  it("an emit never waits for receivers; nothing is read far ahead of one that does not answer", async () => {
    const { handle, sender, events } = await subscribed({ webhooks: { readAhead: 8 } });
    sender.answering = undefined;
    for (let n = 1; n <= 500; n += 1) await handle.emit({ n });
    await deliveries();
    expect([sender.open, sender.attempts.length]).toEqual([1, 1]);
    expect(events.stats()).toMatchObject({ readers: 1 });
    sender.answering = () => 200;
    sender.attempts[0]!.answer(200);
    await deliveries(600);
    expect(sender.numbers).toEqual(Array.from({ length: 500 }, (_, n) => n + 1));
  });
});

describe("check-backed types", () => {
  async function upstream(options: Parameters<typeof webhookSetup>[0] = {}) {
    const made = webhookSetup(options);
    const source = new FakeUpstream();
    made.events.register(change, { check: source.check, checkMs: 1_000 });
    const subscribe = (params = {}) => made.subscribe({ name: "change.seen", ...params });
    return { ...made, source, subscribe };
  }

  it("ORDERING rule 6: the upstream is asked for as long as the subscription lives", async () => {
    const { subscribe, unsubscribe, source, clock, sender, events } = await upstream();
    await subscribe();
    source.happen(2);
    await clock.advance(1_100);
    await deliveries();
    expect(sender.numbers).toEqual([1, 2]);
    expect(events.stats().upstreamPollers).toBe(1);
    await unsubscribe({ name: "change.seen" });
    await deliveries();
    expect(events.stats()).toMatchObject({ upstreamPollers: 0, timers: 0 });
  });

  it("ORDERING rule 13 ORD-4: cursors of bodies and refreshes carry the settled upstream place: a poll goes on from each", async () => {
    const { subscribe, source, clock, sender, host } = await upstream();
    await subscribe();
    sender.answering = ({ n }) => (n === 3 ? undefined : 200);
    source.happen(4);
    await clock.advance(1_100);
    await deliveries();
    expect(sender.numbers).toEqual([1, 2, 3]);
    const left = async (cursor: unknown) => {
      const page = await host.poll({ name: "change.seen", cursor: cursor as string }, { principal: "alice" });
      return page.events.map(({ data }) => data.n);
    };
    const cursors = sender.attempts.map(({ body }) => body.cursor);
    expect([await left(cursors[0]), await left(cursors[1]), await left(cursors[2])]).toEqual([
      [2, 3, 4],
      [3, 4],
      [4],
    ]);
    expect(await left((await subscribe()).cursor)).toEqual([3, 4]);
  });

  it("a refresh brings the caller's latest authentication to check", async () => {
    const { host, source, clock, subscribe } = await upstream();
    await subscribe();
    const delivery = {
      mode: "webhook",
      url: "https://a.example/hooks/1",
      secret: `whsec_${btoa("a".repeat(32))}`,
    };
    await host.call(
      "events/subscribe",
      { name: "change.seen", delivery },
      { principal: "alice", authInfo: "new" },
    );
    await clock.advance(1_100);
    expect(source.contexts.at(-1)).toMatchObject({ principal: "alice", authInfo: "new" });
  });

  it("ORDERING rule 6: a truncation upstream is told as a gap, before anything later", async () => {
    const { subscribe, source, clock, sender } = await upstream();
    await subscribe();
    source.happen(1);
    await clock.advance(1_100);
    source.happen(1);
    source.forget();
    source.happen(1);
    await clock.advance(1_100);
    await deliveries();
    expect(sender.numbers).toEqual([1, "gap", 3]);
  });
});
