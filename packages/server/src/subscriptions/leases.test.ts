import { describe, expect, it } from "vitest";
import { failure, note, setup, turns } from "../testing/setup";

const name = "note.created";

/** Hooks that write down what they are called with. */
function hooks() {
  const calls: string[] = [];
  const line = (kind: string) => (info: { mode: string; principal: string | null; arguments: unknown }) => {
    calls.push(`${kind} ${info.mode} ${info.principal} ${JSON.stringify(info.arguments)}`);
  };
  return { calls, options: { onSubscribe: line("on"), onUnsubscribe: line("off") } };
}

describe("poll leases", () => {
  it("POLL-6: the first poll fires onSubscribe, silence past the lease fires onUnsubscribe", async () => {
    const { calls, options } = hooks();
    const { events, host, clock } = setup({ leaseMs: 60_000 });
    events.register(note, options);
    const asked = { name, arguments: { author: "ada" } };
    for (let round = 0; round < 5; round += 1) {
      await host.poll(asked, { principal: "alice" });
      await clock.advance(59_000);
    }
    expect(calls).toEqual(['on poll alice {"author":"ada"}']);
    expect(events.stats().subscriptions.poll).toBe(1);
    await clock.advance(10_000);
    expect(calls).toEqual(['on poll alice {"author":"ada"}', 'off poll alice {"author":"ada"}']);
    expect(events.stats()).toMatchObject({ subscriptions: { poll: 0 }, timers: 0 });
  });

  it("POLL-6: the key is principal, name and canonical arguments", async () => {
    const { calls, options } = hooks();
    const { events, host } = setup();
    events.register(note, options);
    await host.poll({ name, arguments: { author: "ada", x: 1 } });
    await host.poll({ name, arguments: { x: 1, author: "ada" } });
    await host.poll({ name });
    await host.poll({ name, arguments: {} });
    await host.poll({ name }, { principal: "alice" });
    await host.poll({ name }, { principal: "null" });
    expect(calls.length).toBe(4);
    expect(events.stats()).toMatchObject({ subscriptions: { poll: 4 }, timers: 1 });
  });

  it("[pitfall 26]: concurrent first polls of one key fire onSubscribe once, and wait for it", async () => {
    let ran = 0;
    let go: () => void = () => {};
    const { events, host } = setup();
    events.register(note, {
      onSubscribe: () => {
        ran += 1;
        return new Promise<void>((resolve) => {
          go = resolve;
        });
      },
    });
    let answered = 0;
    const polls = Array.from({ length: 5 }, () =>
      host.poll({ name }).then(() => {
        answered += 1;
      }),
    );
    await turns();
    expect([ran, answered]).toEqual([1, 0]);
    go();
    await Promise.all(polls);
    expect([ran, answered]).toEqual([1, 5]);
  });

  it("AUTH-3: an onSubscribe that throws refuses the poll, gives the place back and tries again next time", async () => {
    const { events, host, logged } = setup({ limits: { subscriptions: 1 } });
    let off = 0;
    events.register(note, {
      onSubscribe: () => {
        throw new Error("secret detail");
      },
      onUnsubscribe: () => {
        off += 1;
      },
    });
    for (let round = 0; round < 3; round += 1) {
      const error = await failure(host.poll({ name }));
      expect(error).toMatchObject({ error: "InternalError", message: "Internal error" });
    }
    expect(logged.filter(({ level }) => level === "error").length).toBe(3);
    expect(events.stats()).toMatchObject({ subscriptions: { poll: 0 }, timers: 0 });
    expect(off).toBe(0);
  });

  it("POLL-6: close fires onUnsubscribe for what is leased and waits for it", async () => {
    const { calls, options } = hooks();
    const { events, host, clock } = setup();
    events.register(note, options);
    await host.poll({ name });
    await events.close();
    expect(calls).toEqual(["on poll null {}", "off poll null {}"]);
    expect(clock.pending).toBe(0);
  });

  it("LIST-4: after an incompatible change the next poll with a position is told, a new one begins", async () => {
    const { calls, options } = hooks();
    const { events, host } = setup();
    const handle = events.register(note, options);
    const { cursor } = await host.poll({ name });
    await handle.update({ payloadSchema: { type: "object", properties: { n: { type: "string" } } } });
    expect(calls).toEqual(["on poll null {}", "off poll null {}"]);
    expect(await failure(host.poll({ name, cursor }))).toMatchObject({
      error: "Unsupported",
      data: { feature: "payloadSchema", reason: "schema_changed" },
    });
    expect(await host.poll({ name, cursor })).toMatchObject({ truncated: false });
    expect(await host.poll({ name })).toMatchObject({ events: [] });
  });
});

describe("push hooks", () => {
  it("hooks run once for each stream, in its order", async () => {
    const { calls, options } = hooks();
    const { events, host } = setup();
    events.register(note, options);
    const stream = host.stream({ name }, { principal: "bob" });
    await turns();
    expect(calls).toEqual(["on push bob {}"]);
    stream.abort();
    await stream.result;
    expect(calls).toEqual(["on push bob {}", "off push bob {}"]);
  });

  it("[pitfall 22]: an abort during onSubscribe starts nothing, and onUnsubscribe runs once", async () => {
    let go: () => void = () => {};
    let off = 0;
    const { events, host } = setup();
    events.register(note, {
      onSubscribe: () =>
        new Promise<void>((resolve) => {
          go = resolve;
        }),
      onUnsubscribe: () => {
        off += 1;
      },
    });
    const stream = host.stream({ name });
    await turns();
    stream.abort();
    await turns();
    go();
    await stream.result;
    expect([stream.messages.length, off, stream.releases]).toEqual([0, 1, 1]);
    expect(events.stats()).toMatchObject({ subscriptions: { push: 0 }, readers: 0, views: 0, timers: 0 });
  });

  it("[pitfall 22]: an abort before anything ran runs no hook; an abort during replay runs both once", async () => {
    const { calls, options } = hooks();
    const { events, host } = setup({ streamBatch: 2 });
    const handle = events.register(note, { ...options, authorize: () => turns(2).then(() => true) });
    const early = host.stream({ name });
    early.abort();
    await early.result;
    expect(calls).toEqual([]);
    const { cursor } = await host.poll({ name }, { principal: "p" });
    calls.length = 0;
    await handle.emitMany(Array.from({ length: 100 }, (_, n) => ({ data: { author: "ada", n } })));
    const late = host.stream({ name, cursor }, { principal: "p" });
    await turns(8);
    expect(late.events.length).toBeGreaterThan(0);
    expect(late.events.length).toBeLessThan(100);
    late.abort();
    await late.result;
    expect(calls).toEqual(["on push p {}", "off push p {}"]);
    expect(events.stats()).toMatchObject({ subscriptions: { push: 0 }, readers: 0, views: 0, timers: 1 });
  });

  it("an onSubscribe that throws refuses the stream without onUnsubscribe; one that throws later is logged", async () => {
    const { events, host, logged } = setup();
    let fail = true;
    let off = 0;
    events.register(note, {
      onSubscribe: () => {
        if (fail) throw new Error("no");
      },
      onUnsubscribe: () => {
        off += 1;
        throw new Error("too late");
      },
    });
    expect(await failure(host.stream({ name }).result)).toMatchObject({ error: "InternalError" });
    expect(off).toBe(0);
    fail = false;
    const stream = host.stream({ name });
    await turns();
    stream.abort();
    expect(await stream.result).toMatchObject({ resultType: "complete" });
    expect(off).toBe(1);
    expect(logged.some(({ message }) => message.includes("onUnsubscribe"))).toBe(true);
  });
});
