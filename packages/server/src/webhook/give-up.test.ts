import { memoryStore } from "@mcp-events/ordering";
import { ORDERING_EXTENSION } from "@mcp-events/protocol";
import { describe, expect, it, vi } from "vitest";
import { ordering } from "../testing/fake-host";
import { deliveries } from "../testing/fake-sender";
import { failure } from "../testing/setup";
import { ALICE, lasting, offering, subscribed } from "../testing/webhook-setup";

const HOUR = 3_600_000;
/** Long enough for all attempts at one event or gap. */
const LONG = 900_000;
const marks = (body: { _meta: Record<string, unknown> }) => body._meta[ORDERING_EXTENSION];

describe("ORDERING rule 14: giving up", () => {
  it("the dead letter is written, a gap takes the event's place, and only then comes what is later", async () => {
    const { sender, emit, clock, events } = await subscribed({}, { orderingKey: (data) => data.k as string });
    sender.answering = ({ n }) => (n === 2 ? 500 : 200);
    await emit({ n: 1, k: "a" }, { n: 2, k: "a" }, { n: 3, k: "a" });
    await clock.advance(LONG);
    await deliveries();
    expect(sender.numbers).toEqual([1, 2, 2, 2, 2, 2, "gap", 3]);
    const [event, gap, next] = sender.attempts.slice(-3);
    const { key } = marks(event!.body) as { key: string };
    expect(marks(gap!.body)).toEqual({ ...(marks(event!.body) as object), settled: 1 });
    expect(marks(gap!.body)).toMatchObject({ seq: 2, prev: 1, key, keyPrev: 1, settled: 1 });
    expect(marks(next!.body)).toMatchObject({ seq: 3, prev: 2, key, keyPrev: 2, settled: 2 });
    expect(gap!.body).toEqual({ type: "gap", cursor: expect.any(String), _meta: expect.anything() });
    expect(gap!.id).toMatch(/^msg_gap_/);
    expect(await events.webhooks.deadLetters.list()).toMatchObject([
      { entry: { seq: 2, data: { n: 2 } }, attempts: 5, lastError: "http_5xx", principal: "alice" },
    ]);
  });

  it("HOOK-10: the gap's cursor is its own place once everything before it is settled", async () => {
    const { sender, emit, host } = await subscribed();
    sender.answering = ({ n }) => (n === 1 ? 410 : 200);
    await emit(1, 2);
    const gap = sender.attempts.find(({ body }) => body.type === "gap")!;
    const page = await host.poll({ name: "thing.happened", cursor: gap.body.cursor as string });
    expect(page.events.map(({ data }) => data.n)).toEqual([2]);
  });

  it("HOOK-12: 410 and 413 give up at once; the subscription lives on, and is not counted against", async () => {
    const { sender, emit, subscribe } = await subscribed();
    sender.answering = ({ n }) => (n === 1 ? 410 : n === 2 ? 413 : 200);
    await emit(1, 2, 3);
    expect(sender.numbers).toEqual([1, "gap", 2, "gap", 3]);
    expect((await subscribe()).deliveryStatus).toMatchObject({ active: true, lastError: null });
  });

  it("to a plain receiver the gap is tried like an event, and then let go", async () => {
    const { sender, emit, clock, logged } = await subscribed();
    sender.answering = ({ n }) => (n === 2 ? 200 : n === 1 ? 410 : 500);
    await emit(1, 2);
    await clock.advance(LONG);
    await deliveries();
    expect(sender.numbers).toEqual([1, "gap", "gap", "gap", "gap", "gap", 2]);
    expect(new Set(sender.attempts.slice(1, 6).map(({ id }) => id)).size).toBe(1);
    expect(logged.map(({ message }) => message)).toContain(
      "mcp-events: a gap was not accepted and is let go",
    );
  });

  it("to one that puts events in order it is never given up: delivery is suspended, and goes on with the gap", async () => {
    const { sender, emit, clock, subscribe } = await subscribed({}, {}, { ttlMs: HOUR }, offering(4));
    sender.answering = ({ n }) => (n === 1 ? 410 : n === undefined ? 500 : 503);
    await emit(1, 2);
    await clock.advance(LONG);
    await deliveries();
    expect(sender.numbers.filter((n) => n === "gap").length).toBe(5);
    sender.answering = () => 200;
    sender.forget();
    await clock.advance(LONG);
    expect(sender.numbers).toEqual([]);
    const { deliveryStatus } = await subscribe({}, { ...ALICE, meta: offering(4) });
    expect(deliveryStatus).toMatchObject({ active: false, lastError: "http_5xx" });
    await deliveries();
    expect(sender.numbers).toEqual(["gap", 2]);
  });

  it("onExhausted suspend: the lane stops with the event itself, which is tried again after a refresh", async () => {
    const { sender, emit, clock, subscribe, events } = await subscribed({
      webhooks: { onExhausted: "suspend" },
    });
    sender.answering = () => 500;
    await emit(1, 2);
    await clock.advance(LONG);
    expect([sender.numbers, await events.webhooks.deadLetters.list()]).toEqual([[1, 1, 1, 1, 1], []]);
    sender.answering = () => 200;
    expect((await subscribe()).deliveryStatus).toMatchObject({ active: false });
    await deliveries();
    expect(sender.numbers.slice(5)).toEqual([1, 2]);
  });

  it("when the dead letter cannot be written there is no gap: the event is tried again", async () => {
    const base = memoryStore();
    let broken = true;
    const deadLetters = new Proxy(base.webhooks.deadLetters, {
      get(letters, member) {
        if (member === "add" && broken) throw new Error("disk");
        const value = Reflect.get(letters, member);
        return typeof value === "function" ? value.bind(letters) : value;
      },
    });
    const store = { ...lasting(base), webhooks: { ...base.webhooks, deadLetters } };
    const { sender, emit, clock } = await subscribed({ store });
    sender.answering = ({ n }) => (n === 1 ? 410 : 200);
    await emit(1, 2);
    expect(sender.numbers).toEqual([1]);
    broken = false;
    await clock.advance(30_000);
    await deliveries();
    expect(sender.numbers).toEqual([1, 1, "gap", 2]);
  });

  it("observers see the gap and the dead letter", async () => {
    const seen: unknown[] = [];
    const { sender, emit } = await subscribed({
      observer: {
        gap: ({ through, reason }) => seen.push(["gap", through, reason]),
        deadLetter: ({ seq, id }) => seen.push(["deadLetter", seq, typeof id]),
      },
    });
    sender.answering = ({ n }) => (n === 1 ? 410 : 200);
    await emit(1);
    expect(seen).toEqual([
      ["deadLetter", 1, "string"],
      ["gap", 1, "given_up"],
    ]);
  });
});

describe("dead letters", () => {
  async function withLetters() {
    const made = await subscribed();
    made.sender.answering = ({ n, body }) =>
      body._meta[ORDERING_EXTENSION]!.redriveOf ? 200 : n === undefined ? 200 : 410;
    await made.emit(1, 2, 3);
    made.sender.forget();
    return { ...made, letters: made.events.webhooks.deadLetters };
  }

  it("are listed in pages, and of one subscription", async () => {
    const { letters, answer } = await withLetters();
    const all = await letters.list({ subscriptionId: answer.id });
    expect(all.map(({ entry }) => entry.data.n)).toEqual([1, 2, 3]);
    expect((await letters.list({ after: all[0]!.id, limit: 1 })).map(({ id }) => id)).toEqual([all[1]!.id]);
    expect(await letters.list({ subscriptionId: "sub_other" })).toEqual([]);
  });

  it("ORDERING rule 14 ORD-4: replay is a new entry with redriveOf, and reaches poll, push and webhook of its principal", async () => {
    const { letters, sender, host, answer } = await withLetters();
    const [letter] = await letters.list();
    const stream = host.stream({ name: "thing.happened" }, ALICE);
    const strange = host.stream({ name: "thing.happened" }, { principal: "bob" });
    await deliveries();
    const { seq, eventId } = await letters.replay(letter!.id);
    await deliveries();
    const redriveOf = letter!.entry.eventId;
    expect([seq, eventId === redriveOf]).toEqual([4, false]);
    expect(sender.attempts.map(({ body }) => [body.eventId, body.data])).toEqual([[eventId, { n: 1 }]]);
    expect(marks(sender.attempts[0]!.body)).toMatchObject({ seq: 4, prev: 3, redriveOf });
    const page = await host.poll({ name: "thing.happened", cursor: answer.cursor }, ALICE);
    for (const [told] of [page.events.slice(-1), stream.events]) {
      expect([told!.eventId, ordering(told!).redriveOf]).toEqual([eventId, redriveOf]);
    }
    expect(strange.events).toEqual([]);
    expect((await letters.list()).map(({ entry }) => entry.seq)).toEqual([2, 3]);
  });

  it("two replays of one letter at once make one event", async () => {
    const { letters, sender } = await withLetters();
    const [letter] = await letters.list();
    const [first, second] = await Promise.all([letters.replay(letter!.id), letters.replay(letter!.id)]);
    await deliveries();
    expect(second).toMatchObject({ seq: first!.seq, eventId: first!.eventId, duplicate: true });
    expect(sender.attempts).toHaveLength(1);
  });

  it("drop forgets one; what is not there is said", async () => {
    const { letters, handle } = await withLetters();
    const [letter, second] = await letters.list();
    expect([await letters.drop(letter!.id), await letters.drop(letter!.id)]).toEqual([true, false]);
    expect(await failure(letters.replay(letter!.id))).toMatchObject({ code: "event_unknown" });
    await handle.remove();
    expect(await failure(letters.replay(second!.id))).toMatchObject({ code: "event_unknown" });
    expect(await letters.list()).toHaveLength(2);
  });
});

describe("gaps that are not of an event", () => {
  it("[pitfall 7]: what retention took while delivery was suspended is told, before anything later, in all lanes", async () => {
    const { sender, emit, events, answer, host } = await subscribed(
      {},
      { orderingKey: (data) => data.k as string },
    );
    await emit({ n: 1, k: "a" });
    events.webhooks.suspend(answer.id);
    await emit({ n: 2, k: "a" }, { n: 3, k: "b" });
    await (await events.log()).truncate();
    await emit({ n: 4, k: "b" }, { n: 5, k: "c" });
    sender.answering = ({ n }) => (n === undefined ? undefined : 200);
    events.webhooks.resume(answer.id);
    await deliveries();
    expect(sender.numbers).toEqual([1, 2, "gap"]);
    const gap = sender.attempts.at(-1)!;
    expect(marks(gap.body)).toEqual({ log: "events", epoch: expect.any(Number), through: 3 });
    gap.answer(200);
    await deliveries();
    expect(sender.numbers).toEqual([1, 2, "gap", 4, 5]);
    expect(marks(sender.attempts[3]!.body)).toMatchObject({ seq: 4, prev: 3, settled: 3 });
    const page = await host.poll({ name: "thing.happened", cursor: gap.body.cursor as string });
    expect([page.truncated, page.events.length]).toEqual([false, 2]);
  });

  it("[pitfall 7]: events of a suspension are neither lost nor skipped", async () => {
    const { sender, emit, events, answer } = await subscribed();
    events.webhooks.suspend(answer.id);
    await emit(1, 2, 3);
    expect(sender.numbers).toEqual([]);
    events.webhooks.resume(answer.id);
    await deliveries();
    expect(sender.numbers).toEqual([1, 2, 3]);
  });

  it("ORDERING rules 5 and 14: an event whose match fails for good is a dead letter, and then a gap in its place", async () => {
    const store = memoryStore();
    const { deadLetters } = store.webhooks;
    const add = vi.spyOn(deadLetters, "add").mockImplementationOnce(() => {
      throw new Error("disk full");
    });
    const { sender, emit, clock, events } = await subscribed(
      { store },
      {
        match: (data) => {
          if (data.n === 2) throw new Error("match");
          return true;
        },
      },
    );
    await emit(1, 2, 3);
    await clock.advance(20_000);
    await deliveries();
    expect([sender.numbers, add.mock.calls.length]).toEqual([[1], 1]);
    await clock.advance(60_000);
    await deliveries();
    expect(sender.numbers).toEqual([1, "gap", 3]);
    expect(await events.webhooks.deadLetters.list()).toMatchObject([
      { entry: { seq: 2, data: { n: 2 } }, attempts: 0, lastError: "evaluation_failed" },
    ]);
    expect(sender.attempts.map(({ body }) => marks(body))).toMatchObject([
      { seq: 1, prev: 0 },
      { seq: 2, prev: 1 },
      { seq: 3, prev: 2 },
    ]);
  });
});
