import { memoryStore } from "@mcp-events/ordering";
import { defineEvent, type StandardSchema } from "@mcp-events/protocol";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { ordering } from "../testing/fake-host";
import { failure, note, numbers, plain, setup, turns } from "../testing/setup";

const name = "note.created";

/** A schema that answers after as many turns as the payload says. */
const lazySchema: StandardSchema<Record<string, unknown>> = {
  "~standard": {
    version: 1,
    vendor: "test",
    jsonSchema: { input: () => ({ type: "object" }) },
    validate: async (value) => {
      const { wait, bad } = value as { wait: number; bad?: boolean };
      await turns(wait);
      return bad
        ? { issues: [{ message: "is bad", path: ["bad"] }] }
        : { value: value as Record<string, unknown> };
    },
  },
};

describe("emit", () => {
  it("resolves with the position, and keeps the caller's eventId (OCC-2)", async () => {
    const { events } = setup();
    const handle = events.register(note);
    const first = await handle.emit({ author: "ada", n: 1 }, { eventId: "delivery-1" });
    expect(first).toMatchObject({ log: "events", seq: 1, eventId: "delivery-1", duplicate: false });
    expect(await handle.emit({ author: "ada", n: 2 })).toMatchObject({ seq: 2, epoch: first.epoch });
  });

  it("OCC-2 [pitfall 12] [pitfall 36]: generated ids are random, from the injected source", async () => {
    const emitted = async (random: () => number) => {
      const handle = setup({ random }).events.register(note);
      return (await handle.emit({ author: "ada", n: 1 })).eventId;
    };
    expect(await emitted(() => 0.5)).toBe("80000000-8000-4000-8000-000080000000");
    const ids = await Promise.all([emitted(Math.random), emitted(Math.random)]);
    expect(new Set(ids).size).toBe(2);
  });

  it("ORDERING rule 2: an eventId emitted again collapses into the event it was", async () => {
    const { events, host } = setup();
    const handle = events.register(note);
    const { cursor } = await host.poll({ name });
    await handle.emit({ author: "ada", n: 1 }, { eventId: "a" });
    expect(await handle.emit({ author: "ada", n: 1 }, { eventId: "a" })).toMatchObject({
      seq: 1,
      duplicate: true,
    });
    const many = await handle.emitMany([
      { data: { author: "ada", n: 2 }, eventId: "b" },
      { data: { author: "ada", n: 2 }, eventId: "b" },
    ]);
    expect(many.map(({ seq, duplicate }) => [seq, duplicate])).toEqual([
      [2, false],
      [2, true],
    ]);
    expect(numbers((await host.poll({ name, cursor })).events)).toEqual([1, 2]);
  });

  it("ORD-8: calls keep their order although they are not awaited", async () => {
    const { events, host } = setup();
    const handle = events.register(note);
    const { cursor } = await host.poll({ name });
    const emits = Array.from({ length: 100 }, (_, n) => handle.emit({ author: "ada", n }));
    const positions = await Promise.all(emits);
    expect(positions.map(({ seq }) => seq)).toEqual(Array.from({ length: 100 }, (_, index) => index + 1));
    expect(numbers((await host.poll({ name, cursor })).events)).toEqual(
      Array.from({ length: 100 }, (_, n) => n),
    );
  });

  it("ORD-8: calls keep their order although their schema is asynchronous, and a bad one takes only itself along", async () => {
    const { events, host } = setup();
    const slow = events.register(defineEvent("slow", { description: "", payloadSchema: lazySchema }));
    const fast = events.register(plain("fast"));
    const { cursor } = await host.poll({ name: "slow" });
    const results = await Promise.allSettled([
      slow.emit({ n: 1, wait: 5 }),
      slow.emit({ n: 2, wait: 1 }),
      fast.emit({ n: 3 }),
      slow.emit({ n: 4, wait: 2, bad: true }),
      slow.emit({ n: 5, wait: 0 }),
    ]);
    expect(
      results.map((result) => (result.status === "fulfilled" ? result.value.seq : result.reason.code)),
    ).toEqual([1, 2, 3, "payload_invalid", 4]);
    expect(numbers((await host.poll({ name: "slow", cursor })).events)).toEqual([1, 2, 5]);
  });

  it("emitMany appends all or none", async () => {
    const { events, host } = setup();
    const handle = events.register(note);
    const { cursor } = await host.poll({ name });
    const items = [
      { data: { author: "ada", n: 1 } },
      { data: { author: "ada", n: "two" as unknown as number } },
    ];
    expect(await failure(handle.emitMany(items))).toMatchObject({
      code: "payload_invalid",
      message: expect.stringContaining("data.n"),
    });
    expect(await handle.emitMany([])).toEqual([]);
    expect((await host.poll({ name, cursor })).events).toEqual([]);
  });

  it("a JSON Schema payload that does not fit names its path", async () => {
    const { events } = setup();
    const payloadSchema = {
      type: "object",
      properties: {
        tags: { type: "array", items: { type: "object", properties: { id: { type: "integer" } } } },
      },
    };
    const handle = events.register(defineEvent("json", { description: "", payloadSchema }));
    const error = await failure(handle.emit({ tags: [{ id: 1 }, { id: "x" }] }));
    expect(error).toMatchObject({
      code: "payload_invalid",
      message: expect.stringContaining("data.tags[1].id"),
    });
  });

  it("OCC-3: an event over 256 KiB is refused at emit, one below goes through", async () => {
    const { events } = setup();
    const handle = events.register(plain());
    await handle.emit({ text: "x".repeat(255 * 1024 - 200) });
    const error = await failure(handle.emit({ text: "ä".repeat(128 * 1024) }));
    expect(error).toMatchObject({ code: "payload_too_large", message: expect.stringContaining("262") });
  });

  it.each([
    ["a BigInt", { a: [{ big: 1n }] }, "data.a[0].big: is a BigInt"],
    ["an array", [1], "must be an object, got an array"],
    ["null", null, "must be an object, got null"],
    [
      "an object whose toJSON throws",
      {
        at: {
          toJSON: () => {
            throw new Error("no");
          },
        },
      },
      "no",
    ],
  ])("[pitfall 23]: %s is refused by name, and the next emit works", async (_, payload, message) => {
    const { events } = setup();
    const handle = events.register(plain());
    const error = await failure(handle.emit(payload as never));
    expect(error).toMatchObject({ code: "payload_invalid", message: expect.stringContaining(message) });
    expect(await handle.emit({ n: 1 })).toMatchObject({ seq: 1 });
  });

  it("[pitfall 23]: a cycle is refused, naming where it closes", async () => {
    const handle = setup().events.register(plain());
    const cycle: Record<string, unknown> = { inner: {} };
    (cycle.inner as Record<string, unknown>).back = cycle;
    const error = await failure(handle.emit(cycle));
    expect(error.message).toContain("data.inner.back: refers back");
    expect((await failure(handle.emit({}, { meta: cycle }))).message).toContain("meta.inner.back");
  });

  it("an emitted object belongs to the log: changing it later changes nothing", async () => {
    const { events, host } = setup();
    const handle = events.register(plain());
    const { cursor } = await host.poll({ name: "thing.happened" });
    const payload = { list: [1] };
    await handle.emit(payload);
    payload.list.push(2);
    expect((await host.poll({ name: "thing.happened", cursor })).events[0]!.data).toEqual({ list: [1] });
  });

  it("meta travels in _meta on every path and cannot take the server's own places", async () => {
    const { events, host } = setup();
    const handle = events.register(note);
    const { cursor } = await host.poll({ name });
    const stream = host.stream({ name });
    await turns();
    const meta = { traceparent: "00-1-2-01", "dev.mcp-events/ordering": { seq: 99 } };
    await handle.emit({ author: "ada", n: 1 }, { meta });
    await turns();
    const [polled] = (await host.poll({ name, cursor })).events;
    for (const told of [polled!, stream.events[0]!]) {
      expect(told._meta).toMatchObject({ traceparent: "00-1-2-01" });
      expect(ordering(told)).toMatchObject({ seq: 1 });
    }
    stream.abort();
  });

  it("timestamp, orderingKey and eventId are checked", async () => {
    const handle = setup().events.register(note);
    const payload = { author: "ada", n: 1 };
    await handle.emit(payload, { timestamp: new Date(0) });
    for (const [options, word] of [
      [{ timestamp: "yesterday" }, "timestamp"],
      [{ eventId: "" }, "eventId"],
      [{ orderingKey: 5 as unknown as string }, "orderingKey"],
    ] as const) {
      expect((await failure(handle.emit(payload, options))).message).toContain(word);
    }
  });

  it("[pitfall 8]: targeted events reach one principal with these arguments, in line with the others, and resume", async () => {
    const { events, host } = setup();
    const handle = events.register(note);
    const asked = { name, arguments: { author: "ada" } };
    const alice = await host.poll(asked, { principal: "alice" });
    const bob = await host.poll(asked, { principal: "bob" });
    const other = await host.poll({ name }, { principal: "alice" });
    await handle.emit({ author: "ada", n: 1 });
    await handle.emit({ author: "ada", n: 2 }, { to: { principal: "alice", arguments: { author: "ada" } } });
    await handle.emit({ author: "ada", n: 3 });
    const page = await host.poll({ ...asked, cursor: alice.cursor, maxEvents: 2 }, { principal: "alice" });
    expect(numbers(page.events)).toEqual([1, 2]);
    const rest = await host.poll({ ...asked, cursor: page.cursor }, { principal: "alice" });
    expect(numbers(rest.events)).toEqual([3]);
    const bobs = await host.poll({ ...asked, cursor: bob.cursor }, { principal: "bob" });
    expect(numbers(bobs.events)).toEqual([1, 3]);
    const others = await host.poll({ name, cursor: other.cursor }, { principal: "alice" });
    expect(numbers(others.events)).toEqual([1, 3]);
  });

  it("ORD-1: ordering keys go out as opaque tags with the key's chain; not where one line is promised", async () => {
    const { events, host } = setup();
    const keyed = events.register(note, { orderingKey: ({ author }) => author });
    const line = events.register(plain("line"), { orderingKey: () => "k", guarantee: "subscription" });
    const { cursor } = await host.poll({ name });
    const first = await host.poll({ name: "line" });
    for (const author of ["ada", "bob", "ada"]) await keyed.emit({ author, n: 1 });
    await line.emit({ n: 1 });
    const marks = (await host.poll({ name, cursor })).events.map((event) => ordering(event));
    expect(marks[0]!.key).toBe(marks[2]!.key);
    expect(marks[0]!.key).not.toBe(marks[1]!.key);
    expect(JSON.stringify(marks)).not.toContain("ada");
    expect(marks.map(({ prev, keyPrev }) => [prev, keyPrev])).toEqual([
      [0, 0],
      [1, 0],
      [2, 1],
    ]);
    const [told] = (await host.poll({ name: "line", cursor: first.cursor })).events;
    expect(ordering(told!)).not.toHaveProperty("key");
  });

  it("waits are bounded: an emit beyond maxPendingEmits is refused and told to await", async () => {
    const { events } = setup({ maxPendingEmits: 3 });
    const handle = events.register(note);
    const results = await Promise.allSettled(
      Array.from({ length: 5 }, (_, n) => handle.emit({ author: "ada", n })),
    );
    expect(results.map(({ status }) => status)).toEqual([
      "fulfilled",
      "fulfilled",
      "fulfilled",
      "rejected",
      "rejected",
    ]);
    expect(await handle.emit({ author: "ada", n: 9 })).toMatchObject({ seq: 4 });
  });

  it("ORDERING rule 2: an eventId known to everybody is refused for one, and takes nobody else along", async () => {
    const { events } = setup();
    const handle = events.register(note);
    const payload = { author: "ada", n: 1 };
    const results = await Promise.allSettled([
      handle.emit(payload, { eventId: "a" }),
      handle.emit(payload, { eventId: "a", to: { principal: "alice" } }),
      handle.emit(payload, { eventId: "b" }),
    ]);
    expect(
      results.map((result) => (result.status === "fulfilled" ? result.value.seq : result.reason.code)),
    ).toEqual([1, "event_id_conflict", 2]);
  });

  it("[pitfall 9]: a check-backed type takes no emits on a store that forgets: a restart could not tell of them", async () => {
    const { events } = setup();
    const handle = events.register(plain("checked"), { check: async () => ({ events: [], cursor: "c" }) });
    expect(await failure(handle.emit({ n: 1 }))).toMatchObject({ code: "option_invalid" });
  });

  it("the observer sees append, match, send, acknowledge and gap; what it throws changes nothing", async () => {
    const seen: string[] = [];
    const see = (kind: string) => () => {
      seen.push(kind);
      throw new Error("observer");
    };
    const { events, host, clock, logged } = setup({
      observer: {
        append: see("append"),
        match: see("match"),
        send: see("send"),
        acknowledge: see("ack"),
        gap: see("gap"),
      },
    });
    const handle = events.register(note, {
      match: ({ n }) => {
        if (n === 2) throw new Error("no");
        return true;
      },
    });
    const stream = host.stream({ name });
    await turns();
    await handle.emitMany([{ data: { author: "ada", n: 1 } }, { data: { author: "ada", n: 2 } }]);
    await clock.advance(1_000);
    await turns();
    expect(new Set(seen)).toEqual(new Set(["append", "match", "send", "ack", "gap"]));
    expect(logged.some(({ message }) => message.includes("observer."))).toBe(true);
    stream.abort();
  });

  it("a store that opens later is waited for, and a failed append is told to its caller", async () => {
    const inner = memoryStore();
    let fail = true;
    const store = {
      durable: false,
      open: async (log: string) => {
        if (fail) throw new Error("not yet");
        return inner.open(log);
      },
      close: () => inner.close(),
    };
    const { events } = setup({ store });
    const handle = events.register(defineEvent("x", { description: "", payloadSchema: z.object({}) }));
    expect(await failure(handle.emit({}))).toMatchObject({ message: "not yet" });
    fail = false;
    expect(await handle.emit({})).toMatchObject({ seq: 1 });
  });
});
