import { defineEvent, ORDERING_EXTENSION } from "@mcp-events/protocol";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import type { EventServerOptions } from "../options";
import { deliveries } from "../testing/fake-sender";
import { failure, numbers, setup, turns } from "../testing/setup";
import { webhookSetup } from "../testing/webhook-setup";
import type { RegisterOptions } from "../types";

const job = defineEvent("job.moved", {
  description: "A job moved",
  inputSchema: z.strictObject({ id: z.string() }),
  payloadSchema: z.object({ id: z.string(), n: z.int() }),
});

type JobOptions = RegisterOptions<{ id: string }, { id: string; n: number }>;

const name = "job.moved";
const a = { id: "a" };
const b = { id: "b" };
const FINISHED = { error: "NotFound", data: { kind: "subscription", reason: "finished" } };
const TERMINATED = { error: { code: -32023, data: FINISHED.data } };

/** A server with jobs that are over once they are named in `over`. */
function jobs(options: EventServerOptions = {}, register: JobOptions = {}) {
  const over = new Set<string>();
  const made = webhookSetup(options);
  const handle = made.events.register(job, {
    match: (moved, { id }) => moved.id === id,
    isFinished: (_caller, _name, { id }) => over.has(id),
    ...register,
  });
  const emit = async (id: string, ...all: number[]) => {
    for (const n of all) await handle.emit({ id, n });
  };
  const finish = (id: string) => {
    over.add(id);
    return handle.finish((args) => args.id === id);
  };
  const subscribe = (id: string) => made.subscribe({ name, arguments: { id } });
  return { ...made, handle, over, emit, finish, subscribe };
}

describe("TASK-2: push", () => {
  it("ends the streams with these arguments after what was emitted, and no others", async () => {
    const { host, emit, finish, events } = jobs();
    const first = host.stream({ name, arguments: a });
    const other = host.stream({ name, arguments: b });
    await turns();
    first.block();
    await emit("a", 1, 2, 3);
    await finish("a");
    first.unblock();
    await turns(12);
    expect(numbers(first.events)).toEqual([1, 2, 3]);
    expect(first.kinds.at(-1)).toBe("terminated");
    expect(first.all("terminated")).toMatchObject([TERMINATED]);
    await first.result;
    await emit("b", 1);
    await turns();
    expect(numbers(other.events)).toEqual([1]);
    expect(events.stats().subscriptions).toEqual({ poll: 0, push: 1, webhook: 0 });
    other.abort();
  });

  it("one that begins when all is over gets what lies after its cursor, and then the end", async () => {
    const { host, emit, finish, handle } = jobs();
    const cursor = await handle.cursor();
    await emit("a", 1, 2);
    await finish("a");
    const late = host.stream({ name, arguments: a, cursor });
    await turns(12);
    expect(late.kinds).toEqual(["active", "event", "event", "terminated"]);
    const fromNow = host.stream({ name, arguments: a });
    await turns();
    expect(fromNow.kinds).toEqual(["active", "terminated"]);
  });

  it("one that is still being admitted when it finishes is drained, not refused", async () => {
    let go = () => {};
    const held = new Promise<void>((resolve) => {
      go = resolve;
    });
    const { host, emit, finish, handle } = jobs({}, { onSubscribe: () => held });
    const cursor = await handle.cursor();
    const stream = host.stream({ name, arguments: a, cursor });
    await turns();
    await emit("a", 1);
    await finish("a");
    go();
    await turns(12);
    expect(stream.kinds).toEqual(["active", "event", "terminated"]);
  });

  it("what another process finished is noticed with the periodic question", async () => {
    const { host, over, clock, events } = jobs({ reauthorizeMs: 10_000 });
    const stream = host.stream({ name, arguments: a });
    await turns();
    over.add("a");
    await clock.advance(11_000);
    await turns();
    expect(stream.kinds).toEqual(["active", "terminated"]);
    expect(events.stats()).toMatchObject({ readers: 0, timers: 0 });
  });

  it("a flow of emits that never rests does not keep it from its end", async () => {
    let flows = true;
    const validate = async (value: unknown) => {
      await turns(1);
      if (flows) void handle.emit({ n: 1 });
      return { value: value as { n: number } };
    };
    const jsonSchema = { input: () => ({ type: "object" }) };
    const payloadSchema = { "~standard": { version: 1 as const, vendor: "test", jsonSchema, validate } };
    const { host, events } = setup();
    const handle = events.register(defineEvent(name, { description: name, payloadSchema }));
    const stream = host.stream({ name });
    await turns();
    void handle.emit({ n: 1 });
    await handle.finish(() => true);
    flows = false;
    await turns(12);
    expect(stream.kinds.at(-1)).toBe("terminated");
  });

  it("access withdrawn while it drains comes first: the rest does not go out", async () => {
    let allowed = true;
    const { host, emit, finish, events } = jobs({ streamBatch: 1 }, { authorize: () => allowed });
    const stream = host.stream({ name, arguments: a });
    await turns();
    stream.block();
    await emit("a", 1, 2, 3);
    await turns();
    await finish("a");
    allowed = false;
    await events.reauthorize();
    stream.unblock();
    await turns(12);
    expect(numbers(stream.events)).toEqual([1]);
    expect(stream.all("terminated")).toMatchObject([{ error: { code: -32024 } }]);
  });

  it("an isFinished that throws or hangs ends nothing", async () => {
    const never = new Promise<boolean>(() => {});
    let answer: () => boolean | Promise<boolean> = () => false;
    const { host, clock, events, emit, logged } = jobs(
      { reauthorizeMs: 1_000 },
      { isFinished: () => answer() },
    );
    const stream = host.stream({ name, arguments: a });
    await turns();
    answer = () => {
      throw new Error("database");
    };
    await clock.advance(1_100);
    answer = () => never;
    await clock.advance(2_100);
    await emit("a", 1);
    await turns();
    expect(stream.kinds).toEqual(["active", "event"]);
    expect(logged.filter(({ message }) => message.includes("isFinished"))).not.toEqual([]);
    stream.abort();
    await turns();
    expect(events.stats()).toMatchObject({ readers: 0, timers: 0 });
  });
});

describe("TASK-2: poll", () => {
  it("everything is told first, a lost answer may be asked for again, and only then comes the error", async () => {
    const { host, emit, finish, handle, events } = jobs();
    const cursor = await handle.cursor();
    await emit("a", 1, 2, 3);
    await finish("a");
    const params = { name, arguments: a, cursor, maxEvents: 2 };
    const first = await host.poll(params);
    expect(numbers((await host.poll(params)).events)).toEqual(numbers(first.events));
    const second = await host.poll({ ...params, cursor: first.cursor });
    expect(numbers([...first.events, ...second.events])).toEqual([1, 2, 3]);
    expect(await failure(host.poll({ ...params, cursor: second.cursor }))).toMatchObject(FINISHED);
    expect(events.stats().subscriptions.poll).toBe(0);
  });

  it("what is emitted while isFinished is asked is told, not lost", async () => {
    const { host, emit, handle } = jobs({}, { isFinished: () => emit("a", 7).then(() => true) });
    const cursor = await handle.cursor();
    expect(numbers((await host.poll({ name, arguments: a, cursor })).events)).toEqual([7]);
  });

  it("a finished one does not wait in a long poll", async () => {
    const { host, finish } = jobs({ longPollMs: 5_000 });
    await finish("a");
    expect(await failure(host.poll({ name, arguments: a, timeoutMs: 5_000 }))).toMatchObject(FINISHED);
  });
});

describe("TASK-2: webhook", () => {
  it("drains what is being retried, tells the end with its position, and is gone", async () => {
    const { sender, subscribe, delivered, emit, finish, clock, events } = jobs();
    await subscribe("a");
    await delivered();
    sender.answering = ({ n }) => (n === 1 && sender.attempts.length < 3 ? 500 : 200);
    await emit("a", 1, 2);
    await finish("a");
    await clock.advance(900_000);
    await deliveries();
    expect(sender.numbers).toEqual([1, 1, 1, 2, "terminated"]);
    expect(sender.attempts.at(-1)!.body).toMatchObject({
      ...TERMINATED,
      _meta: { [ORDERING_EXTENSION]: { through: 2 } },
    });
    expect(events.stats()).toMatchObject({ subscriptions: { webhook: 0 }, readers: 0, timers: 0 });
  });

  it("[pitfall 6]: one that waits for its start is not ended before its client knows of it", async () => {
    const { sender, subscribe, delivered, emit, finish } = jobs();
    await subscribe("a");
    await emit("a", 1);
    await finish("a");
    await deliveries();
    expect(sender.numbers).toEqual([]);
    await delivered();
    expect(sender.numbers).toEqual([1, "terminated"]);
  });
});

describe("cursor", () => {
  it("is a place before everything that is emitted after it", async () => {
    const { host, emit, handle } = jobs();
    await emit("a", 1);
    const cursor = await handle.cursor();
    await emit("a", 2);
    expect(numbers((await host.poll({ name, arguments: a, cursor })).events)).toEqual([2]);
  });

  it("CUR-3: is null where nothing can be gone on from", async () => {
    const { events } = setup();
    expect(await events.register(job, { replay: false }).cursor()).toBeNull();
  });
});
