import { ORDERING_EXTENSION } from "@mcp-events/protocol";
import { describe, expect, it } from "vitest";
import { deliveries } from "../testing/fake-sender";
import { plain } from "../testing/setup";
import { offering, URL_A, webhookSetup } from "../testing/webhook-setup";

async function started(options: Parameters<typeof webhookSetup>[0] = {}, meta = {}) {
  const made = webhookSetup(options);
  const things = made.events.register(plain(), { orderingKey: (data) => data.key as string | undefined });
  const ordered = made.events.register(plain("line.moved"));
  const answer = await made.subscribe({ name: "line.moved" }, { principal: "alice", meta });
  await made.delivered();
  const emit = async (...numbers: number[]) => {
    for (const n of numbers) await ordered.emit({ n });
    await deliveries();
  };
  return { ...made, things, ordered, answer, emit };
}

describe("HOOK-9 HOOK-10 ORDERING rule 10: strict order", () => {
  it("posts each event once, in log order, the next when the one before was accepted", async () => {
    const { sender, emit } = await started();
    sender.answering = undefined;

    await emit(1, 2, 3);
    expect(sender.numbers).toEqual([1]);
    for (const next of [2, 3]) {
      sender.attempts.at(-1)!.answer(204);
      await deliveries();
      expect(sender.attempts.at(-1)!.n).toBe(next);
    }
    expect(sender.mostOpen).toBe(1);
    expect(sender.attempts[0]!.target.url).toBe(URL_A);
  });

  it("marks carry the place in the view, and the cursor is the event's own once all before it is settled", async () => {
    const { sender, emit, answer, host } = await started();
    await emit(1, 2);

    const marks = sender.attempts.map(({ body }) => body._meta[ORDERING_EXTENSION]!);
    expect(marks).toMatchObject([
      { seq: 1, prev: 0, settled: 0 },
      { seq: 2, prev: 1, settled: 1 },
    ]);
    const [first] = sender.attempts;
    expect(first!.id).toBe(first!.body.eventId);
    const page = await host.poll({ name: "line.moved", cursor: first!.body.cursor as string });
    expect(page.events.map(({ data }) => data.n)).toEqual([2]);
    expect(answer.cursor).not.toBeNull();
  });
});

describe("HOOK-10 [pitfall 16]: the watermark with a receiver that puts events in order", () => {
  it("window in flight; the cursor of a body never passes what is not settled", async () => {
    const { sender, emit, host } = await started({}, offering(4));
    sender.answering = undefined;
    await emit(1, 2, 3, 4, 5, 6);

    expect(sender.numbers).toEqual([1, 2, 3, 4]);
    for (const at of [1, 2, 3]) sender.attempts[at]!.answer(200);
    await deliveries();
    const fifth = sender.attempts.find(({ n }) => n === 5)!;
    const page = await host.poll({ name: "line.moved", cursor: fifth.body.cursor as string });
    expect(page.events.map(({ data }) => data.n)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(fifth.body._meta[ORDERING_EXTENSION]).toMatchObject({ seq: 5, prev: 4, settled: 0 });
  });
});

it("HOOK-9: an eventId that cannot stand in a header goes out under an id of the message", async () => {
  const { sender, ordered } = await started();
  await ordered.emit({ n: 1 }, { eventId: "plain-1" });
  await ordered.emit({ n: 2 }, { eventId: "Störung 2" });
  await deliveries();
  const [first, second] = sender.attempts;
  expect(first!.id).toBe("plain-1");
  expect(second!.id).toMatch(/^msg_[\x21-\x7e]+$/);
  expect(second!.body.eventId).toBe("Störung 2");
});
