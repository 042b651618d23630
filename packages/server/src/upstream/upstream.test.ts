import { memoryStore } from "@mcp-events/ordering";
import { describe, expect, it } from "vitest";
import { ManualClock } from "../../../ordering/src/testing/manual-clock";
import { ordering } from "../testing/fake-host";
import { change, FakeUpstream } from "../testing/fake-upstream";
import { failure, numbers, plain, setup, turns } from "../testing/setup";

const name = change.name;
const upTo = (n: number, from = 1) => Array.from({ length: n - from + 1 }, (_, index) => from + index);

describe("check-backed push", () => {
  it("ORDERING rule 6: from now grants nothing the upstream had before, then delivers what it tells", async () => {
    const upstream = new FakeUpstream();
    upstream.happen(5);
    const { events, host, clock } = setup();
    events.register(change, { check: upstream.check, checkMs: 1_000 });
    const stream = host.stream({ name });
    await turns();
    expect(stream.kinds).toEqual(["active"]);
    upstream.happen(3);
    await clock.advance(1_000);
    await turns();
    expect(numbers(stream.events)).toEqual([6, 7, 8]);
    expect(stream.events.map(({ eventId }) => eventId)).toEqual(["up-6", "up-7", "up-8"]);
    expect(upstream.asked).toEqual([null, "5"]);
    stream.abort();
  });

  it("[pitfall 39]: 200 equal subscribers are one poller; it stops with the last of them", async () => {
    const upstream = new FakeUpstream();
    const { events, host, clock } = setup();
    events.register(change, { check: upstream.check, checkMs: 1_000 });
    const streams = Array.from({ length: 200 }, () => host.stream({ name }));
    await turns();
    expect(events.stats()).toMatchObject({ upstreamPollers: 1, views: 1, readers: 200, timers: 3 });
    upstream.happen();
    await clock.advance(10_000);
    await turns();
    expect(upstream.asked.length).toBe(11);
    for (const stream of streams) expect(numbers(stream.events)).toEqual([1]);
    for (const stream of streams) stream.abort();
    await turns();
    expect(events.stats()).toMatchObject({ upstreamPollers: 0, readers: 0, timers: 0 });
    await clock.advance(60_000);
    expect(upstream.asked.length).toBe(11);
  });

  it("ORDERING rule 6: pollers are apart by arguments and principal; sharedCheck asks for nobody in particular", async () => {
    const [own, shared] = [new FakeUpstream(), new FakeUpstream()];
    const { events, host } = setup();
    events.register(change, { check: own.check });
    events.register(plain("shared"), { check: shared.check, sharedCheck: true });
    const streams = ["alice", "bob", "alice"].flatMap((principal) => [
      host.stream({ name }, { principal, authInfo: { token: principal } }),
      host.stream({ name: "shared" }, { principal, authInfo: { token: principal } }),
    ]);
    streams.push(host.stream({ name, arguments: { where: "x" } }, { principal: "alice" }));
    await turns();
    expect(events.stats().upstreamPollers).toBe(4);
    expect(own.contexts.map(({ principal }) => principal).sort()).toEqual(["alice", "alice", "bob"]);
    expect(own.contexts.find(({ principal }) => principal === "bob")?.authInfo).toEqual({ token: "bob" });
    expect(shared.contexts).toMatchObject([{ principal: null, authInfo: undefined }]);
    for (const stream of streams) stream.abort();
  });

  it("[pitfall 1] [pitfall 21]: hasMore drains at once, however many pages; one that never moves does not spin", async () => {
    const upstream = new FakeUpstream({ page: 3 });
    const { events, host, clock } = setup();
    events.register(change, { check: upstream.check, checkMs: 1_000 });
    const stream = host.stream({ name });
    await turns();
    upstream.happen(20);
    await clock.advance(1_000);
    await turns(40);
    expect(numbers(stream.events)).toEqual(upTo(20));
    expect(upstream.asked.length).toBe(1 + 7);
    upstream.answer({ events: [], cursor: "20", hasMore: true });
    await clock.advance(1_000);
    await turns(20);
    expect(upstream.asked.length).toBe(1 + 8);
    stream.abort();
  });

  it("PUSH-5: a failing check is told once as a recoverable error, retried with backoff, and nothing is lost", async () => {
    const upstream = new FakeUpstream();
    const { events, host, clock, logged } = setup({ checkBackoffMs: 100, maxCheckBackoffMs: 400 });
    events.register(change, { check: upstream.check, checkMs: 1_000 });
    const stream = host.stream({ name });
    await turns();
    upstream.happen(2);
    upstream.fail(4);
    await clock.advance(1_000);
    await turns();
    expect(stream.kinds).toEqual(["active", "error"]);
    expect(JSON.stringify(stream.messages)).not.toContain("secret detail");
    const asked = upstream.asked.length;
    await clock.advance(100 + 200 + 400);
    expect(upstream.asked.length).toBe(asked + 3);
    await clock.advance(400);
    await turns();
    expect(stream.kinds).toEqual(["active", "error", "event", "event"]);
    expect(logged.filter(({ message }) => message.includes("check failed")).length).toBe(4);
    stream.abort();
  });

  it("PUSH-1: while the upstream cannot be asked, a subscription from now is refused; one with a position is served", async () => {
    const upstream = new FakeUpstream();
    const { events, host, clock } = setup({ checkBackoffMs: 100 });
    events.register(change, { check: upstream.check, checkMs: 1_000 });
    const { cursor } = await host.poll({ name });
    await clock.advance(1_000);
    upstream.fail(1);
    upstream.happen();
    const refused = host.stream({ name });
    expect(await failure(refused.result)).toMatchObject({ error: "InternalError", retryable: true });
    expect(refused.messages).toEqual([]);
    const stream = host.stream({ name, cursor });
    await turns();
    expect(stream.all("active")).toMatchObject([{ truncated: false }]);
    await clock.advance(100);
    await turns();
    expect(numbers(stream.events)).toEqual([1]);
    stream.abort();
  });

  it.each([
    ["nothing", null],
    ["no events", { cursor: "1" }],
    ["a cursor that is none", { events: [], cursor: 5 }],
    ["a huge cursor", { events: [], cursor: "x".repeat(5_000) }],
  ])("[pitfall 23]: an answer that is %s is a failure; the next good one goes on", async (_, answer) => {
    const upstream = new FakeUpstream();
    const { events, host, clock } = setup({ checkBackoffMs: 100 });
    events.register(change, { check: upstream.check, checkMs: 1_000 });
    const stream = host.stream({ name });
    await turns();
    upstream.happen();
    upstream.answer(answer);
    await clock.advance(1_000);
    await turns();
    await clock.advance(100);
    await turns();
    expect(stream.kinds).toEqual(["active", "error", "event"]);
    stream.abort();
  });

  it("[pitfall 23] ORD-2: an event of no use is a gap in its place, the others arrive", async () => {
    const upstream = new FakeUpstream();
    const { events, host, clock } = setup();
    events.register(change, { check: upstream.check, checkMs: 1_000 });
    const stream = host.stream({ name });
    await turns();
    const events1 = [{ data: { n: 1 } }, { data: { n: 1n } }, 5, { data: { n: 2 } }];
    upstream.answer({ events: events1, cursor: "2" });
    await clock.advance(1_000);
    await turns();
    expect(stream.kinds).toEqual(["active", "event", "active", "active", "event"]);
    expect(stream.all("active").slice(1)).toMatchObject([{ truncated: true }, { truncated: true }]);
    expect(numbers(stream.events)).toEqual([1, 2]);
    stream.abort();
  });

  it("ORDERING rule 6 PUSH-6: what the upstream skipped is a gap before what it tells next", async () => {
    const upstream = new FakeUpstream();
    const { events, host, clock } = setup();
    events.register(change, { check: upstream.check, checkMs: 1_000 });
    const stream = host.stream({ name });
    const { cursor } = await host.poll({ name });
    await turns();
    upstream.happen(3);
    upstream.forget();
    upstream.happen(2);
    await clock.advance(1_000);
    await turns();
    expect(stream.kinds).toEqual(["active", "active", "event", "event"]);
    expect(numbers(stream.events)).toEqual([4, 5]);
    const page = await host.poll({ name, cursor });
    expect(page.truncated).toBe(true);
    expect(numbers(page.events)).toEqual([4, 5]);
    stream.abort();
  });

  it("a check that takes too long is aborted and counts as a failure", async () => {
    const { events, host, clock } = setup({ checkTimeoutMs: 5_000 });
    let calls = 0;
    let aborted = false;
    events.register(change, {
      checkMs: 1_000,
      check: async ({ signal }) => {
        calls += 1;
        if (calls === 1) return { events: [], cursor: "0" };
        signal.addEventListener("abort", () => {
          aborted = true;
        });
        return new Promise(() => {});
      },
    });
    const stream = host.stream({ name });
    await turns();
    await clock.advance(6_000);
    await turns();
    expect(aborted).toBe(true);
    expect(stream.kinds).toEqual(["active", "error"]);
    stream.abort();
  });

  it("[pitfall 22]: an abort during the first check leaves nothing", async () => {
    let signal: AbortSignal | undefined;
    let off = 0;
    const { events, host } = setup();
    events.register(change, {
      check: (context) => {
        signal = context.signal;
        return new Promise(() => {});
      },
      onUnsubscribe: () => {
        off += 1;
      },
    });
    const stream = host.stream({ name });
    await turns();
    stream.abort();
    await turns();
    expect(signal?.aborted).toBe(true);
    await stream.result.catch(() => {});
    expect(off).toBe(1);
    expect(events.stats()).toMatchObject({
      timers: 0,
      readers: 0,
      upstreamPollers: 0,
      subscriptions: { push: 0 },
    });
  });

  it("an upstream without cursors delivers equal data again and again", async () => {
    const { events, host, clock } = setup();
    events.register(change, {
      checkMs: 1_000,
      check: async () => ({ events: [{ data: { n: 1 } }], cursor: null }),
    });
    const stream = host.stream({ name });
    await turns();
    await clock.advance(3_000);
    await turns();
    expect(numbers(stream.events)).toEqual([1, 1, 1]);
    expect(new Set(stream.events.map(({ eventId }) => eventId)).size).toBe(3);
    stream.abort();
  });
});

describe("check-backed poll", () => {
  it("[pitfall 2]: asks from the client's own place; an answer that was lost can be asked for again", async () => {
    const upstream = new FakeUpstream();
    const { events, host, clock } = setup();
    events.register(change, { check: upstream.check, checkMs: 1_000 });
    const { cursor, nextPollMs } = await host.poll({ name });
    expect(nextPollMs).toBe(1_000);
    upstream.happen(4);
    await clock.advance(1_000);
    const first = await host.poll({ name, cursor, maxEvents: 3 });
    const again = await host.poll({ name, cursor, maxEvents: 3 });
    expect(numbers(first.events)).toEqual([1, 2, 3]);
    expect(numbers(again.events)).toEqual([1, 2, 3]);
    expect(numbers((await host.poll({ name, cursor: first.cursor })).events)).toEqual([4]);
  });

  it("[pitfall 39]: pollers with one key ask the upstream once a checkMs, and need no timer for it", async () => {
    const upstream = new FakeUpstream();
    const { events, host, clock } = setup();
    events.register(change, { check: upstream.check, checkMs: 1_000 });
    const { cursor } = await host.poll({ name });
    for (let second = 0; second < 5; second += 1) {
      await clock.advance(1_000);
      await Promise.all(Array.from({ length: 20 }, () => host.poll({ name, cursor })));
    }
    expect(upstream.asked.length).toBe(6);
    expect(events.stats()).toMatchObject({ upstreamPollers: 0, timers: 1 });
  });

  it("a poll with a position is answered from the log while the upstream fails; one from now is an error", async () => {
    const upstream = new FakeUpstream();
    const { events, host, clock } = setup({ checkBackoffMs: 100 });
    events.register(change, { check: upstream.check, checkMs: 1_000 });
    const { cursor } = await host.poll({ name });
    upstream.happen(2);
    await clock.advance(1_000);
    await host.poll({ name, cursor });
    upstream.happen();
    upstream.fail(1);
    await clock.advance(1_000);
    const page = await host.poll({ name, cursor });
    expect(numbers(page.events)).toEqual([1, 2]);
    expect(await failure(host.poll({ name }))).toMatchObject({ error: "InternalError" });
    await clock.advance(100);
    expect(numbers((await host.poll({ name, cursor: page.cursor })).events)).toEqual([3]);
  });

  it("[pitfall 2] model D12: a poller that comes back catches up before it grants a newcomer its now", async () => {
    const upstream = new FakeUpstream();
    const { events, host, clock } = setup({ leaseMs: 10_000 });
    events.register(change, { check: upstream.check, checkMs: 1_000 });
    const old = await host.poll({ name });
    await clock.advance(60_000);
    expect(events.stats().subscriptions.poll).toBe(0);
    upstream.happen(10);
    const newcomer = await host.poll({ name });
    expect(newcomer.events).toEqual([]);
    upstream.happen(2);
    await clock.advance(1_000);
    expect(numbers((await host.poll({ name, cursor: newcomer.cursor })).events)).toEqual([11, 12]);
    const page = await host.poll({ name, cursor: old.cursor });
    expect(page.truncated).toBe(false);
    expect(numbers(page.events)).toEqual(upTo(12));
  });

  it("POLL-7: a long poll asks the upstream while it waits", async () => {
    const upstream = new FakeUpstream();
    const { events, host, clock } = setup({ longPollMs: 10_000 });
    events.register(change, { check: upstream.check, checkMs: 1_000 });
    const { cursor } = await host.poll({ name });
    const waiting = host.poll({ name, cursor, timeoutMs: 10_000 });
    await turns();
    upstream.happen();
    await clock.advance(1_000);
    expect(numbers((await waiting).events)).toEqual([1]);
    await turns();
    expect(events.stats()).toMatchObject({ upstreamPollers: 0, readers: 0 });
  });

  it("nextCheckMs of the upstream is when the client should come again, within its lease", async () => {
    const { events, host } = setup({ leaseMs: 60_000 });
    const check = async (_: unknown, { where }: { where?: string | undefined }) => ({
      events: [],
      cursor: "c",
      nextCheckMs: Number(where),
    });
    events.register(change, { check });
    expect((await host.poll({ name, arguments: { where: "7000" } })).nextPollMs).toBe(7_000);
    expect((await host.poll({ name, arguments: { where: "7000000" } })).nextPollMs).toBe(30_000);
  });
});

describe("a group the log forgot", () => {
  it("ORDERING rule 6: its old cursor tells the poller where to go on, without loss", async () => {
    const clock = new ManualClock();
    const upstream = new FakeUpstream();
    const { events, host } = setup({ store: memoryStore({ clock, maxGroups: 1 }), leaseMs: 10_000 }, clock);
    events.register(change, { check: upstream.check, checkMs: 1_000 });
    const { cursor } = await host.poll({ name });
    await host.poll({ name, arguments: { where: "elsewhere" } });
    await clock.advance(60_000);
    upstream.happen(3);
    const page = await host.poll({ name, cursor });
    expect(page.truncated).toBe(false);
    expect(numbers(page.events)).toEqual([1, 2, 3]);
    expect(ordering(page.events[0]!)).not.toHaveProperty("continues");
  });
});
