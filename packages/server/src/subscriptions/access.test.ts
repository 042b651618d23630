import { describe, expect, it } from "vitest";
import { ordering } from "../testing/fake-host";
import { failure, note, numbers, setup, turns } from "../testing/setup";

const name = "note.created";

describe("authorize", () => {
  it("AUTH-1: a no is Forbidden in poll and push, with the caller's own data asked about", async () => {
    const asked: unknown[] = [];
    const { events, host } = setup();
    events.register(note, {
      authorize: (ctx, event, args) => {
        asked.push([ctx, event, args]);
        return ctx.principal === "alice";
      },
    });
    await host.poll({ name, arguments: { author: "x" } }, { principal: "alice", authInfo: { token: 1 } });
    expect(asked).toEqual([[{ principal: "alice", authInfo: { token: 1 } }, name, { author: "x" }]]);
    expect(await failure(host.poll({ name }, { principal: "bob" }))).toMatchObject({ error: "Forbidden" });
    expect(await failure(host.stream({ name }).result)).toMatchObject({ error: "Forbidden" });
    expect(events.stats()).toMatchObject({ subscriptions: { poll: 1, push: 0 } });
  });

  it("AUTH-1: an authorize that throws lets nobody in", async () => {
    const { events, host } = setup();
    events.register(note, {
      authorize: () => {
        throw new Error("database");
      },
    });
    expect(await failure(host.poll({ name }))).toMatchObject({ error: "InternalError" });
    expect(await failure(host.stream({ name }).result)).toMatchObject({ error: "InternalError" });
  });

  it("AUTH-2: a no at the periodic question terminates push, with the position read; nothing later goes out", async () => {
    let allowed = true;
    const { events, host, clock } = setup({ reauthorizeMs: 10_000 });
    const handle = events.register(note, { authorize: () => allowed });
    const stream = host.stream({ name }, { principal: "alice" });
    await turns();
    await handle.emit({ author: "ada", n: 1 });
    await turns();
    allowed = false;
    await clock.advance(9_000);
    expect(stream.kinds).toEqual(["active", "event"]);
    await clock.advance(2_000);
    await handle.emit({ author: "ada", n: 2 });
    await turns();
    expect(stream.kinds).toEqual(["active", "event", "terminated"]);
    const [terminated] = stream.all("terminated");
    expect(terminated).toMatchObject({ error: { code: -32024 } });
    expect(ordering(terminated!)).toMatchObject({ through: 1 });
    expect(ordering(await stream.result)).toMatchObject({ through: 1 });
    expect(events.stats()).toMatchObject({ subscriptions: { push: 0 }, timers: 0 });
  });

  it("AUTH-2: reauthorize asks at once; a throw keeps what is; a poll is told at its next call and its lease ends", async () => {
    let answer: () => boolean = () => true;
    let off = 0;
    const { events, host } = setup();
    events.register(note, {
      authorize: () => answer(),
      onUnsubscribe: () => {
        off += 1;
      },
    });
    const stream = host.stream({ name });
    const { cursor } = await host.poll({ name });
    await turns();
    answer = () => {
      throw new Error("database");
    };
    await events.reauthorize();
    await turns();
    expect(events.stats().subscriptions).toEqual({ poll: 1, push: 1, webhook: 0 });
    answer = () => false;
    await events.reauthorize();
    await turns();
    expect(stream.kinds).toEqual(["active", "terminated"]);
    expect(off).toBe(2);
    expect(events.stats().subscriptions).toEqual({ poll: 0, push: 0, webhook: 0 });
    expect(await failure(host.poll({ name, cursor }))).toMatchObject({ error: "Forbidden" });
  });

  it("ORDERING rule 9: what was read but not sent when access is withdrawn stays unsent, and lies after the position", async () => {
    let allowed = true;
    const { events, host } = setup({ streamBatch: 2 });
    const handle = events.register(note, { authorize: () => allowed });
    const stream = host.stream({ name });
    await turns();
    stream.block();
    await handle.emitMany(Array.from({ length: 6 }, (_, n) => ({ data: { author: "ada", n } })));
    await turns();
    allowed = false;
    await events.reauthorize();
    stream.unblock();
    await turns();
    expect(stream.kinds).toEqual(["active", "event", "event", "terminated"]);
    expect(ordering(stream.all("terminated")[0]!)).toMatchObject({ through: 2 });
    allowed = true;
    const again = host.stream({ name, cursor: String(stream.events[1]!.cursor) });
    await turns(10);
    expect(numbers(again.events)).toEqual([2, 3, 4, 5]);
    again.abort();
  });

  it("AUTH-2: many streams are asked about a few at a time", async () => {
    let asking = 0;
    let most = 0;
    const { events, host, clock } = setup({ reauthorizeMs: 1_000 });
    let slow = false;
    events.register(note, {
      authorize: async () => {
        asking += 1;
        most = Math.max(most, asking);
        if (slow) await turns(1);
        asking -= 1;
        return true;
      },
    });
    const streams = Array.from({ length: 100 }, () => host.stream({ name }));
    await turns();
    [slow, most] = [true, 0];
    await clock.advance(3_000);
    await turns(30);
    expect(most).toBe(16);
    expect(events.stats().subscriptions.push).toBe(100);
    for (const stream of streams) stream.abort();
  });

  it("ORDERING rule 9: replay is authorised as of now", async () => {
    let allowed = true;
    const { events, host } = setup();
    const handle = events.register(note, { authorize: () => allowed });
    const { cursor } = await host.poll({ name });
    await handle.emit({ author: "ada", n: 1 });
    allowed = false;
    expect(await failure(host.poll({ name, cursor }))).toMatchObject({ error: "Forbidden" });
    allowed = true;
    expect(numbers((await host.poll({ name, cursor })).events)).toEqual([1]);
  });

  it("AUTH-2: a long poll that waited is asked about again before it is told anything", async () => {
    let allowed = true;
    const { events, host } = setup({ longPollMs: 5_000 });
    const handle = events.register(note, { authorize: () => allowed });
    const waiting = failure(host.poll({ name, timeoutMs: 5_000 }));
    await turns();
    allowed = false;
    await handle.emit({ author: "ada", n: 1 });
    expect(await waiting).toMatchObject({ error: "Forbidden" });
  });
});

describe("limits", () => {
  it("AUTH-3 [pitfall 38]: each principal has its own limit, checked before onSubscribe, told with limit and max", async () => {
    let on = 0;
    const { events, host } = setup({ limits: { subscriptions: 10, subscriptionsPerPrincipal: 2 } });
    events.register(note, {
      onSubscribe: () => {
        on += 1;
      },
    });
    const open = (principal: string) => host.stream({ name }, { principal });
    const alice = [open("alice"), open("alice")];
    await turns();
    expect(await failure(open("alice").result)).toMatchObject({
      error: "ResourceExhausted",
      data: { limit: "subscriptionsPerPrincipal", max: 2 },
    });
    expect(await failure(host.poll({ name }, { principal: "alice" }))).toMatchObject({
      error: "ResourceExhausted",
    });
    const bob = open("bob");
    await turns();
    expect(on).toBe(3);
    alice[0]!.abort();
    await alice[0]!.result;
    const again = open("alice");
    await turns();
    expect(again.kinds).toEqual(["active"]);
    for (const stream of [alice[1]!, bob, again]) stream.abort();
  });

  it("AUTH-3 [pitfall 26]: concurrent requests do not get past a limit", async () => {
    const { events, host } = setup({ limits: { subscriptions: 5 } });
    events.register(note, { authorize: () => turns(1).then(() => true), onSubscribe: () => turns(1) });
    const streams = Array.from({ length: 41 }, (_, index) =>
      host.stream({ name }, { principal: `p${index}` }),
    );
    await turns(12);
    expect(streams.filter(({ kinds }) => kinds.length === 1).length).toBe(5);
    expect(await failure(streams[40]!.result)).toMatchObject({ data: { limit: "subscriptions", max: 5 } });
    await events.close();
  });

  it("AUTH-3: anonymous callers share a limit of their own and leave the rest to principals", async () => {
    const { events, host } = setup({ limits: { subscriptions: 3, anonymousSubscriptions: 2 } });
    events.register(note);
    await host.poll({ name, arguments: { author: "a" } });
    await host.poll({ name, arguments: { author: "b" } });
    expect(await failure(host.poll({ name, arguments: { author: "c" } }))).toMatchObject({
      data: { limit: "anonymousSubscriptions", max: 2 },
    });
    await host.poll({ name }, { principal: "alice" });
    expect(await failure(host.poll({ name }, { principal: "bob" }))).toMatchObject({
      data: { limit: "subscriptions" },
    });
  });

  it("AUTH-3: polling on with a lease costs no further place", async () => {
    const { events, host } = setup({ limits: { subscriptions: 1 } });
    events.register(note);
    for (let round = 0; round < 5; round += 1) await host.poll({ name });
    expect(events.stats().subscriptions.poll).toBe(1);
  });
});
