import { defineEvent, METHODS } from "@mcp-events/protocol";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { FakeHost, ordering } from "../testing/fake-host";
import { failure, note, numbers, plain, setup, turns } from "../testing/setup";

const name = "note.created";

async function listed(host: FakeHost) {
  const { events } = await host.call("events/list");
  return (events as { name: string }[]).map((type) => type.name);
}

describe("capabilities and methods", () => {
  it("CAP-1 CAP-2: both forms are declared; CAP-4: webhook methods are not handled yet", () => {
    const { host } = setup();
    expect(host.capabilities).toEqual([
      {
        events: { listChanged: true },
        extensions: {
          "io.modelcontextprotocol/events": { listChanged: true },
          "dev.mcp-events/ordering": { version: 1 },
        },
      },
    ]);
    expect([...host.methods.keys()]).toEqual([METHODS.list, METHODS.poll, METHODS.stream]);
  });
});

describe("events/list", () => {
  it("LIST-2: a descriptor carries modes, both schemas and the ordering contract", async () => {
    const { events, host } = setup();
    events.register(note, { orderingKey: ({ author }) => author, log: "notes" });
    const result = await host.call("events/list");
    expect(result).toMatchObject({ resultType: "complete" });
    expect(result).not.toHaveProperty("nextCursor");
    const [descriptor] = result.events as [Record<string, unknown>];
    expect(descriptor).toMatchObject({
      name,
      description: "A note was made",
      delivery: ["push", "poll"],
      inputSchema: { type: "object", properties: { author: { type: "string" } } },
      payloadSchema: { type: "object", required: ["author", "n"] },
    });
    expect(ordering(descriptor!)).toEqual({ log: "notes", guarantee: "key" });
  });

  it("LIST-1: pages hold listPageSize types and find every one, whatever comes and goes between", async () => {
    const { events, host } = setup({ listPageSize: 3 });
    const handles = ["h", "b", "é", "a", "f", "d", "c"].map((type) => events.register(plain(type)));
    const seen: string[] = [];
    let cursor: unknown;
    do {
      const page = await host.call("events/list", cursor === undefined ? {} : { cursor });
      seen.push(...(page.events as { name: string }[]).map((type) => type.name));
      cursor = page.nextCursor;
      if (seen.length === 3) await handles[6]!.remove();
    } while (cursor !== undefined);
    expect(seen).toEqual(["h", "b", "é", "a", "f", "d"]);
  });

  it.each([5, "x", "bm8", "n", "%", ""])(
    "LIST-1: the pagination cursor %j is InvalidParams",
    async (cursor) => {
      const { host } = setup();
      expect(await failure(host.call("events/list", { cursor }))).toMatchObject({ error: "InvalidParams" });
    },
  );

  it("LIST-1: null is the first page", async () => {
    const { events, host } = setup();
    events.register(note);
    expect(await host.call("events/list", { cursor: null })).toMatchObject({ events: [{ name }] });
  });
});

describe("list_changed", () => {
  it("LIST-3: every attached host and broadcasting adapter is told once for the changes of a moment", async () => {
    const broadcasts: unknown[] = [];
    const transport = {
      name: "t",
      connect: () => undefined,
      broadcast: (message: unknown) => broadcasts.push(message),
    };
    const { events, host } = setup({ transports: [transport] });
    const second = new FakeHost();
    events.bind(second);
    events.register(note);
    const handle = events.register(plain());
    await turns(1);
    const told = { method: "notifications/events/list_changed", params: {} };
    expect([host.notifications, second.notifications, broadcasts]).toEqual([[told], [told], [told]]);
    second.close();
    await handle.update({ description: "other" });
    await handle.remove();
    await turns(1);
    expect(second.notifications.length).toBe(1);
    expect(host.notifications.length).toBe(3);
    expect(events.stats().attached).toBe(1);
  });

  it("[pitfall 23]: a host whose notify is rejected harms nobody", async () => {
    const { events, host } = setup();
    host.notify = () => Promise.reject(new Error("not connected"));
    events.register(note);
    await turns(2);
    expect(await listed(host)).toEqual([name]);
  });
});

describe("register", () => {
  it("refuses a name that is taken, and options that make no sense, naming them", () => {
    const { events } = setup();
    events.register(note);
    expect(() => events.register(note)).toThrow(expect.objectContaining({ code: "event_duplicate" }));
    const refuse = (options: object) => () => events.register(plain("x"), options);
    expect(refuse({ delivery: [] })).toThrow(/delivery/);
    expect(refuse({ delivery: ["pigeon"] })).toThrow(/pigeon/);
    expect(refuse({ checkMs: 5 })).toThrow(/checkMs/);
    expect(refuse({ sharedCheck: true })).toThrow(/sharedCheck/);
    expect(refuse({ log: "" })).toThrow(/log/);
    expect(refuse({ guarantee: "total" })).toThrow(/guarantee/);
  });

  it("refuses a JSON Schema that cannot be used", () => {
    const payloadSchema = { type: "object", properties: { a: { $ref: "#/$defs/nowhere" } } };
    const broken = defineEvent("broken", { description: "", payloadSchema });
    const { events } = setup();
    expect(() => events.register(broken)).toThrow(/payloadSchema/);
  });
});

describe("remove", () => {
  it("LIST-4 ORDERING rule 9: what was emitted before is drained, then terminated NotFound with the position", async () => {
    const { events, host } = setup({ streamBatch: 2 });
    const handle = events.register(note);
    const kept = events.register(plain());
    const stream = host.stream({ name });
    const other = host.stream({ name: "thing.happened" });
    await turns();
    void handle.emitMany(Array.from({ length: 7 }, (_, n) => ({ data: { author: "ada", n } })));
    await handle.remove();
    await turns(20);
    expect(numbers(stream.events)).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect(stream.all("terminated")).toMatchObject([{ error: { code: -32023, data: { kind: "event" } } }]);
    expect(ordering(stream.all("terminated")[0]!)).toMatchObject({ through: 7 });
    expect(await stream.result).toMatchObject({ resultType: "complete" });
    expect(await failure(host.poll({ name }))).toMatchObject({ error: "NotFound" });
    expect(await failure(handle.emit({ author: "ada", n: 1 }))).toMatchObject({ code: "event_unknown" });
    await kept.emit({ n: 1 });
    await turns();
    expect(other.events.length).toBe(1);
    other.abort();
  });

  it("LIST-4: a draining stream waits for a slow match instead of skipping it", async () => {
    const { events, host, clock } = setup();
    const handle = events.register(note, {
      match: () => new Promise<boolean>((resolve) => clock.after(500, () => resolve(true))),
    });
    const stream = host.stream({ name });
    await turns();
    await handle.emit({ author: "ada", n: 1 });
    await handle.remove();
    await turns();
    expect(stream.kinds).toEqual(["active"]);
    await clock.advance(500);
    await turns();
    expect(stream.kinds).toEqual(["active", "event", "terminated"]);
  });

  it("LIST-4: a name that comes back goes on from old cursors with the new type's rules", async () => {
    const { events, host } = setup();
    const handle = events.register(note);
    const { cursor } = await host.poll({ name });
    await handle.emit({ author: "ada", n: 1 });
    await handle.remove();
    events.register(note, { match: () => false });
    expect(await failure(host.poll({ name, cursor }))).toMatchObject({ error: "NotFound" });
    expect(await host.poll({ name, cursor })).toMatchObject({ events: [], truncated: false });
  });

  it("LIST-4: a client that was told of the removal while the name was gone is not told again", async () => {
    const { events, host } = setup();
    const handle = events.register(note);
    const { cursor } = await host.poll({ name });
    await handle.emit({ author: "ada", n: 1 });
    await handle.remove();
    expect(await failure(host.poll({ name, cursor }))).toMatchObject({ error: "NotFound" });
    events.register(note);
    expect(await host.poll({ name, cursor })).toMatchObject({
      events: [{ data: { n: 1 } }],
      truncated: false,
    });
  });
});

describe("update", () => {
  const wider = z.object({ author: z.string(), n: z.int(), extra: z.string().optional() });
  const other = z.object({ author: z.string(), n: z.string() });

  it("LIST-4: an additive change ends nothing, and is listed", async () => {
    const { events, host } = setup();
    const handle = events.register(note);
    const stream = host.stream({ name });
    await turns();
    await handle.update({ payloadSchema: wider, description: "Now with extra" });
    await (handle as { emit(data: object): Promise<unknown> }).emit({ author: "ada", n: 1, extra: "x" });
    await turns();
    expect(stream.kinds).toEqual(["active", "event"]);
    expect((await host.call("events/list")).events).toMatchObject([{ description: "Now with extra" }]);
    stream.abort();
  });

  it.each([
    ["payloadSchema", { payloadSchema: other }],
    ["inputSchema", { inputSchema: z.object({ author: z.string() }) }],
    ["payloadSchema", { payloadSchema: wider, breaking: true }],
  ] as const)("LIST-4: an incompatible %s ends push with Unsupported", async (feature, changes) => {
    const { events, host } = setup();
    const handle = events.register(note);
    const stream = host.stream({ name });
    await turns();
    await handle.update(changes);
    await turns();
    expect(stream.all("terminated")).toMatchObject([
      { error: { code: -32026, data: { feature, reason: "schema_changed" } } },
    ]);
    const again = host.stream({ name, arguments: { author: "ada" } });
    await turns();
    expect(again.kinds).toEqual(["active"]);
    again.abort();
  });

  it("LIST-4: the author may say that a change is not breaking", async () => {
    const { events, host } = setup();
    const handle = events.register(note);
    const stream = host.stream({ name });
    await turns();
    await handle.update({ payloadSchema: other, breaking: false });
    await turns();
    expect(stream.kinds).toEqual(["active"]);
    stream.abort();
  });

  it("a mode that is no longer offered ends its subscriptions only", async () => {
    const { events, host } = setup();
    const handle = events.register(note);
    const stream = host.stream({ name });
    const { cursor } = await host.poll({ name });
    await turns();
    await handle.update({ delivery: ["poll"] });
    await turns();
    expect(stream.all("terminated")).toMatchObject([
      { error: { data: { feature: "deliveryMode", value: "push" } } },
    ]);
    expect(await host.poll({ name, cursor })).toMatchObject({ events: [] });
  });

  it("the sketch profile changes the numbers inside notifications too", async () => {
    const { events, host } = setup({ profile: "sketch" });
    const handle = events.register(note);
    const stream = host.stream({ name });
    await turns();
    await handle.remove();
    await turns();
    expect(stream.all("terminated")).toMatchObject([{ error: { code: -32011 } }]);
  });
});
