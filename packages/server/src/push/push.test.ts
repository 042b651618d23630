import { memoryStore } from "@mcp-events/ordering";
import { SUBSCRIPTION_ID, WireError } from "@mcp-events/protocol";
import { describe, expect, it } from "vitest";
import { ManualClock } from "../../../ordering/src/testing/manual-clock";
import { ordering } from "../testing/fake-host";
import { failure, note, noteOptions, numbers, plain, setup, turns } from "../testing/setup";

const name = "note.created";
const notes = (count: number, author = "ada") =>
  Array.from({ length: count }, (_, index) => ({ data: { author, n: index + 1 } }));
const IDLE = { readers: 0, views: 0, timers: 0, subscriptions: { poll: 0, push: 0, webhook: 0 } };

describe("events/stream", () => {
  it("PUSH-2 CUR-2: active comes first, then what happens from now, each event with the cursor after it", async () => {
    const { events, host } = setup();
    const handle = events.register(note);
    await handle.emit({ author: "ada", n: 1 });
    const stream = host.stream({ name });
    await turns();
    expect(stream.kinds).toEqual(["active"]);
    expect(stream.all("active")[0]).toMatchObject({ truncated: false, cursor: expect.any(String) });
    expect(ordering(stream.all("active")[0]!)).toMatchObject({ through: 1 });
    await handle.emit({ author: "ada", n: 2 });
    await turns();
    expect(numbers(stream.events)).toEqual([2]);
    expect(ordering(stream.events[0]!)).toMatchObject({ log: "events", seq: 2, prev: 1 });
    const resumed = await host.poll({ name, cursor: stream.cursor });
    expect(resumed).toMatchObject({ events: [], truncated: false });
    stream.abort();
  });

  it("PUSH-2 ORDERING rule 7 [pitfall 4]: replay comes after active and before what is live, in order and once", async () => {
    const { events, host } = setup({ streamBatch: 4 });
    const handle = events.register(note);
    const { cursor } = await host.poll({ name });
    await handle.emitMany(notes(10));
    const stream = host.stream({ name, cursor });
    for (let n = 11; n <= 20; n += 1) await handle.emit({ author: "ada", n });
    await turns(20);
    expect(stream.kinds[0]).toBe("active");
    expect(numbers(stream.events)).toEqual(Array.from({ length: 20 }, (_, index) => index + 1));
    expect(stream.events.map((event) => ordering(event).prev)).toEqual(
      Array.from({ length: 20 }, (_, index) => index),
    );
    stream.abort();
  });

  it("PUSH-3 [pitfall 36]: every message carries the request's id, 0 included; equal ids of two connections stay apart", async () => {
    const { events, host, clock } = setup({ heartbeatMs: 1_000 });
    const handle = events.register(note, noteOptions);
    const ada = host.stream({ name, arguments: { author: "ada" } }, { requestId: 0 });
    const bob = host.stream({ name, arguments: { author: "bob" } }, { requestId: 0 });
    await turns();
    await handle.emitMany([...notes(1), ...notes(2, "bob")]);
    await clock.advance(1_000);
    await turns();
    expect(numbers(ada.events)).toEqual([1]);
    expect(numbers(bob.events)).toEqual([1, 2]);
    ada.abort();
    await events.close();
    for (const { params } of [...ada.messages, ...bob.messages]) {
      expect(params._meta).toMatchObject({ [SUBSCRIPTION_ID]: 0 });
    }
    expect((await bob.result)._meta).toMatchObject({ [SUBSCRIPTION_ID]: 0 });
  });

  it("PUSH-4 CUR-4: heartbeats come every heartbeatMs, whether or not there are events, with the position read", async () => {
    const { events, host, clock } = setup({ heartbeatMs: 1_000 });
    const handle = events.register(note, noteOptions);
    const stream = host.stream({ name, arguments: { author: "ada" } });
    await turns();
    await handle.emitMany(notes(3, "bob"));
    await clock.advance(1_000);
    await turns();
    expect(stream.kinds).toEqual(["active", "heartbeat"]);
    expect(ordering(stream.all("heartbeat")[0]!)).toMatchObject({ through: 3 });
    for (let n = 0; n < 10; n += 1) {
      await handle.emit({ author: "ada", n });
      await clock.advance(300);
      await turns();
    }
    expect(stream.all("heartbeat").length).toBe(4);
    stream.abort();
  });

  it("ORDERING rule 7: a heartbeat while a slow match is pending carries the position before it", async () => {
    const { events, host, clock } = setup({ heartbeatMs: 1_000 });
    let decide: (yes: boolean) => void = () => {};
    const decision = new Promise<boolean>((resolve) => {
      decide = resolve;
    });
    const handle = events.register(note, {
      match: ({ n }) => (n === 2 ? decision : true),
    });
    const stream = host.stream({ name });
    await turns();
    await handle.emitMany(notes(3));
    await clock.advance(1_000);
    await turns();
    expect(stream.kinds).toEqual(["active", "event", "heartbeat"]);
    expect(ordering(stream.all("heartbeat")[0]!)).toMatchObject({ through: 1 });
    decide(true);
    await turns();
    expect(numbers(stream.events)).toEqual([1, 2, 3]);
    stream.abort();
  });

  it("[pitfall 14]: an asynchronous match that is slow for one subscriber neither reorders nor delays another", async () => {
    const { events, host, clock } = setup();
    const handle = events.register(note, {
      match: (_, { author }) =>
        author === "slow"
          ? new Promise<boolean>((resolve) => clock.after(Math.random() * 100, () => resolve(true)))
          : true,
    });
    const slow = host.stream({ name, arguments: { author: "slow" } });
    const fast = host.stream({ name, arguments: { author: "fast" } });
    await turns();
    await handle.emitMany(notes(50));
    await turns();
    expect(fast.events.length).toBe(50);
    expect(slow.events.length).toBe(0);
    await clock.advance(1_000);
    await turns();
    expect(numbers(slow.events)).toEqual(numbers(fast.events));
    slow.abort();
    fast.abort();
  });

  it("ORDERING rule 8 [pitfall 19]: a client that does not read costs its position only, and gets everything later", async () => {
    const { events, host } = setup({ streamBatch: 8 });
    const handle = events.register(note);
    const stream = host.stream({ name });
    await turns();
    stream.block();
    for (let batch = 0; batch < 20; batch += 1) await handle.emitMany(notes(100));
    await turns(20);
    expect(stream.events.length).toBe(8);
    stream.unblock();
    await turns(600);
    expect(stream.events.length).toBe(2_000);
    const seqs = stream.events.map((event) => ordering(event).seq as number);
    expect(seqs).toEqual([...seqs].sort((a, b) => a - b));
    stream.abort();
  });

  it("PUSH-6 CUR-6: a client that falls behind retention gets a fresh active, truncated, before any later event", async () => {
    const clock = new ManualClock();
    const { events, host } = setup({ store: memoryStore({ clock, maxEntries: 10 }), streamBatch: 4 }, clock);
    const handle = events.register(note);
    const stream = host.stream({ name });
    await turns();
    stream.block();
    await handle.emitMany(notes(4));
    await turns();
    for (let round = 0; round < 10; round += 1) await handle.emitMany(notes(10));
    stream.unblock();
    await turns(20);
    expect(stream.kinds.slice(0, 7)).toEqual([
      "active",
      "event",
      "event",
      "event",
      "event",
      "active",
      "event",
    ]);
    const gap = stream.all("active")[1]!;
    expect(gap).toMatchObject({ truncated: true, cursor: expect.any(String) });
    expect(ordering(stream.events[4]!).prev).toBe(ordering(gap).through);
    expect(stream.events.length).toBe(14);
    stream.abort();
  });

  it("CUR-6: a cursor that retention overtook is told so by the first active, once", async () => {
    const clock = new ManualClock();
    const { events, host } = setup({ store: memoryStore({ clock, maxEntries: 3 }) }, clock);
    const handle = events.register(note);
    const { cursor } = await host.poll({ name });
    await handle.emitMany(notes(8));
    const stream = host.stream({ name, cursor });
    await turns();
    expect(stream.kinds).toEqual(["active", "event", "event", "event"]);
    const [active] = stream.all("active");
    expect(active).toMatchObject({ truncated: true });
    expect(ordering(stream.events[0]!).prev).toBe(ordering(active!).through);
    expect(numbers(stream.events)).toEqual([6, 7, 8]);
    stream.abort();
  });

  it("PUSH-5 PUSH-6 ORDERING rule 5: an event that cannot be evaluated is an error and a gap in its place", async () => {
    const { events, host, clock, logged } = setup();
    const handle = events.register(note, {
      transform: (data) => {
        if (data.n === 2) throw new Error("secret detail");
        return data;
      },
    });
    const stream = host.stream({ name });
    await turns();
    await handle.emitMany(notes(3));
    await clock.advance(1_000);
    await turns();
    expect(stream.kinds).toEqual(["active", "event", "error", "active", "event"]);
    expect(stream.all("active")[1]).toMatchObject({ truncated: true });
    expect(ordering(stream.all("active")[1]!)).toMatchObject({ through: 2 });
    expect(JSON.stringify(stream.messages)).not.toContain("secret detail");
    expect(logged.some(({ message }) => message.includes("given up"))).toBe(true);
    stream.abort();
  });

  it("PUSH-1: what is refused is refused as an error, before a stream is opened or anything is written", async () => {
    const { events, host } = setup();
    events.register(note);
    events.register(plain("polled"), { delivery: ["poll"] });
    const refused = [
      [host.stream({ name: "nobody" }), "NotFound"],
      [host.stream({ name: "polled" }), "Unsupported"],
      [host.stream({ name, arguments: { author: 5 } }), "InvalidParams"],
      [host.stream({ name, params: {} }), "InvalidParams"],
      [host.stream({ name, arguments: { author: "x".repeat(1024 * 1024) } }), "InvalidParams"],
    ] as const;
    for (const [stream, error] of refused) {
      expect(await failure(stream.result)).toMatchObject({ error });
      expect(stream.writes).toBe(0);
    }
    expect(events.stats()).toMatchObject(IDLE);
  });

  it("PUSH-1 [pitfall 20]: a connection that cannot carry a stream is refused, and nothing is left", async () => {
    const { events, host } = setup();
    const hooks: string[] = [];
    events.register(note, { onSubscribe: () => void hooks.push("on") });
    const refuse = new WireError("Unsupported", "JSON responses", { feature: "deliveryMode", value: "push" });
    expect(await failure(host.stream({ name }, { refuse }).result)).toMatchObject({ error: "Unsupported" });
    expect(hooks).toEqual([]);
    expect(events.stats()).toMatchObject(IDLE);
  });

  it("PUSH-7: an abort ends delivery and releases everything; the channel is released once", async () => {
    const { events, host } = setup();
    const handle = events.register(note);
    const stream = host.stream({ name });
    await turns();
    expect(events.stats()).toMatchObject({ readers: 1, views: 1, subscriptions: { push: 1 } });
    stream.abort();
    await stream.result;
    await handle.emit({ author: "ada", n: 1 });
    await turns();
    expect(stream.kinds).toEqual(["active"]);
    expect(stream.releases).toBe(1);
    expect(events.stats()).toMatchObject(IDLE);
  });

  it("[pitfall 17]: 500 streams opened and dropped leave no reader, timer, view or subscription", async () => {
    const { events, host } = setup();
    const handle = events.register(note, noteOptions);
    for (let round = 0; round < 5; round += 1) {
      const streams = Array.from({ length: 100 }, (_, index) =>
        host.stream({ name, arguments: { author: `a${index % 10}` } }),
      );
      await turns();
      expect(events.stats()).toMatchObject({ readers: 100, views: 10, timers: 2 });
      await handle.emit({ author: "a1", n: 1 });
      for (const stream of streams) stream.abort();
      await Promise.all(streams.map((stream) => stream.result));
    }
    expect(events.stats()).toMatchObject(IDLE);
  });

  it("[pitfall 39]: 200 streams have two timers together", async () => {
    const { events, host, clock } = setup({ heartbeatMs: 1_000 });
    events.register(note);
    const streams = Array.from({ length: 200 }, () => host.stream({ name }));
    await turns();
    expect(events.stats().timers).toBe(2);
    await clock.advance(3_000);
    await turns();
    for (const stream of streams) expect(stream.all("heartbeat").length).toBe(3);
    await events.close();
  });

  it("CUR-3: a type without replay has null cursors on every message", async () => {
    const { events, host, clock } = setup({ heartbeatMs: 1_000 });
    const handle = events.register(plain("noreplay"), { replay: false });
    const stream = host.stream({ name: "noreplay", cursor: "whatever" });
    await turns();
    await handle.emit({ n: 1 });
    await clock.advance(1_000);
    await turns();
    expect(stream.kinds).toEqual(["active", "event", "heartbeat"]);
    expect(stream.messages.map(({ params }) => params.cursor)).toEqual([null, null, null]);
    expect(stream.all("active")[0]).toMatchObject({ truncated: false });
    stream.abort();
  });

  it("PUSH-7 ORDERING rule 9: close delivers what was emitted, then a final result with the position; releases all", async () => {
    const { events, host, clock } = setup();
    const handle = events.register(note);
    const stream = host.stream({ name }, { requestId: 7 });
    await turns();
    void handle.emitMany(notes(3));
    await events.close();
    expect(numbers(stream.events)).toEqual([1, 2, 3]);
    const result = await stream.result;
    expect(result).toMatchObject({ resultType: "complete", _meta: { [SUBSCRIPTION_ID]: 7 } });
    expect(ordering(result)).toMatchObject({ through: 3 });
    expect(events.stats()).toMatchObject({ ...IDLE, attached: 0 });
    expect(clock.pending).toBe(0);
    expect(await failure(handle.emit({ author: "ada", n: 1 }))).toMatchObject({ code: "closed" });
    expect(await failure(host.poll({ name }))).toMatchObject({ error: "InternalError" });
  });

  it("PUSH-7: close does not wait for a client that does not read longer than drainMs", async () => {
    const { events, host, clock } = setup({ drainMs: 500 });
    const handle = events.register(note);
    const stream = host.stream({ name });
    await turns();
    stream.block();
    await handle.emit({ author: "ada", n: 1 });
    await turns();
    let closed = false;
    const closing = events.close().then(() => {
      closed = true;
    });
    await clock.advance(499);
    expect(closed).toBe(false);
    await clock.advance(1);
    await closing;
    expect(stream.releases).toBe(1);
    expect(clock.pending).toBe(0);
  });

  it.each(["authorize", "onSubscribe", "onUnsubscribe"] as const)(
    "PUSH-7: close ends although %s never answers",
    async (hook) => {
      const { events, host, clock } = setup({ drainMs: 500 });
      events.register(note, { [hook]: () => new Promise(() => {}) });
      host.stream({ name });
      void host.poll({ name }).catch(() => {});
      await turns();
      let closed = false;
      const closing = events.close().then(() => {
        closed = true;
      });
      await clock.advance(10_000);
      await closing;
      expect(closed).toBe(true);
    },
  );

  it("a log that fails for a moment is an error to the stream, which goes on", async () => {
    const clock = new ManualClock();
    const store = memoryStore({ clock });
    const { events, host } = setup({ store }, clock);
    const handle = events.register(note);
    const stream = host.stream({ name });
    await turns();
    const log = store.open("events");
    const read = log.read;
    log.read = () => {
      throw new Error("disk");
    };
    await handle.emit({ author: "ada", n: 1 });
    await turns();
    log.read = read;
    await clock.advance(60_000);
    await turns();
    expect(stream.kinds).toContain("error");
    expect(numbers(stream.events)).toEqual([1]);
    stream.abort();
    await events.close();
  });
});
