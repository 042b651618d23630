import { memoryStore } from "@mcp-events/ordering";
import { ORDERING_EXTENSION } from "@mcp-events/protocol";
import { describe, expect, it } from "vitest";
import { ManualClock } from "../../../ordering/src/testing/manual-clock";
import type { AnyRegisterOptions } from "../registry/event-type";
import { deliveries, until } from "../testing/fake-sender";
import { failure, plain } from "../testing/setup";
import { ALICE, lasting, offering, webhookSetup } from "../testing/webhook-setup";

/** Servers on one clock, one after the other or at once, on a store that outlives them. */
function servers(durable = true) {
  const clock = new ManualClock();
  const base = memoryStore({ clock });
  const store = lasting(base, durable);
  const begin = (options: Parameters<typeof webhookSetup>[0] = {}, register: AnyRegisterOptions = {}) => {
    const made = webhookSetup({ store, ...options }, clock);
    const handle = made.events.register(plain(), register);
    const restored = async () => {
      await until(() => made.events.stats().subscriptions.webhook > 0);
      await made.delivered(0);
    };
    return { ...made, handle, restored };
  };
  return { clock, base, store, begin };
}

describe("ORD-7: a durable store", () => {
  it("a second server goes on where the first stood, with the same marks, and without a subscribe", async () => {
    const { begin } = servers();
    const first = begin();
    const { id } = await first.subscribe();
    await first.delivered();
    await first.handle.emit({ n: 1 });
    await deliveries();
    first.sender.answering = undefined;
    await first.handle.emit({ n: 2 });
    await deliveries();
    await first.close();

    const second = begin();
    await second.restored();
    expect(second.sender.attempts.map(({ target }) => target.subscriptionId)).toEqual([id]);
    expect(second.sender.attempts[0]!.id).toBe(first.sender.attempts[1]!.id);
    const marks = second.sender.attempts[0]!.body._meta[ORDERING_EXTENSION];
    expect(marks).toMatchObject({ seq: 2, prev: 1, settled: 1 });
    expect(second.sender.verified).toEqual([]);
  });

  it("TASK-2: one that finished while no server ran gets what was emitted, and then its end", async () => {
    const { begin } = servers();
    const first = begin();
    await first.subscribe();
    first.sender.answering = () => 500;
    await first.delivered();
    await first.handle.emit({ n: 1 });
    await deliveries();
    await first.close();
    const second = begin({}, { isFinished: () => true });
    await until(() => second.sender.numbers.length === 2);
    expect(second.sender.numbers).toEqual([1, "terminated"]);
    await until(() => second.events.stats().subscriptions.webhook === 0);
    expect(second.events.stats()).toMatchObject({ readers: 0, timers: 0 });
  });

  it("events that were emitted before anything was accepted are not lost", async () => {
    const { begin } = servers();
    const first = begin();
    await first.subscribe();
    first.sender.answering = () => 500;
    await first.delivered();
    await first.handle.emit({ n: 1 });
    await deliveries();
    await first.close();
    const second = begin();
    await second.restored();
    expect(second.sender.numbers).toEqual([1]);
  });

  it("ORDERING rule 14: what was given up stays given up: its gap goes out in its place", async () => {
    const { begin } = servers();
    const first = begin();
    await first.subscribe({}, { ...ALICE, meta: offering(4) });
    first.sender.answering = ({ n }) => (n === 2 ? 410 : undefined);
    await first.delivered();
    for (const n of [1, 2]) await first.handle.emit({ n });
    await deliveries();
    await first.close();
    const second = begin();
    await second.restored();
    await second.handle.emit({ n: 3 });
    await deliveries();
    expect(second.sender.numbers).toEqual([1, "gap", 3]);
    expect(await second.events.webhooks.deadLetters.list()).toHaveLength(1);
  });

  it("HOOK-4: a refresh that comes before it was taken up takes it up: nothing is lost, its cursor is ignored", async () => {
    const { begin, store, clock } = servers();
    const first = begin();
    first.sender.answering = () => 500;
    const { id } = await first.subscribe();
    await first.delivered();
    await first.handle.emit({ n: 1 });
    await deliveries();
    await first.close();
    const made = webhookSetup({ store }, clock);
    made.events.register(plain());
    const again = await made.subscribe();
    await made.delivered();
    expect([again.id, again.deliveryStatus?.active, made.sender.numbers]).toEqual([id, true, [1]]);
    expect(made.events.stats()).toMatchObject({ subscriptions: { webhook: 1 }, readers: 1 });
  });

  it("HOOK-17: an unsubscribe that comes before it was taken up ends it for good", async () => {
    const { begin, store, clock } = servers();
    const first = begin();
    await first.subscribe();
    await first.close();
    const made = webhookSetup({ store }, clock);
    made.events.register(plain());
    await made.unsubscribe();
    await made.delivered(1_000);
    expect([made.events.webhooks.list(), await store.webhooks!.subscriptions.page(undefined, 9)]).toEqual([
      [],
      [],
    ]);
    expect(await failure(made.unsubscribe())).toMatchObject({ error: "NotFound" });
  });

  it("one that expired meanwhile is forgotten; one whose type is not there waits for it", async () => {
    const { begin, store, clock } = servers();
    const first = begin();
    first.events.register(plain("other.thing"));
    await first.subscribe({ ttlMs: 60_000 });
    const { id } = await first.subscribe({ name: "other.thing", ttlMs: null });
    await first.close();
    clock.jump(61_000);
    const second = begin();
    await second.delivered(1_000);
    expect(second.events.webhooks.list()).toEqual([]);
    expect((await store.webhooks!.subscriptions.page(undefined, 9)).map((one) => one.id)).toEqual([id]);
    second.events.register(plain("other.thing"));
    await second.restored();
    expect(second.events.webhooks.list()).toMatchObject([{ id, expiresAt: null }]);
  });

  it("AUTH-2: it is authorized anew in its turn", async () => {
    const { begin, store, clock } = servers();
    const first = begin();
    await first.subscribe();
    await first.close();
    const made = webhookSetup({ store, reauthorizeMs: 1_000 }, clock);
    made.events.register(plain(), { authorize: () => false });
    await until(() => made.events.stats().subscriptions.webhook > 0);
    await made.delivered(1_100);
    expect(made.sender.numbers).toEqual(["terminated"]);
    expect(await store.webhooks!.subscriptions.page(undefined, 9)).toEqual([]);
  });

  it("flush takes up what an earlier process left, and tries it", async () => {
    const { begin, store, clock } = servers();
    const first = begin();
    await first.subscribe();
    await first.handle.emit({ n: 1 });
    first.sender.answering = () => 500;
    await first.close();
    const made = webhookSetup({ store }, clock);
    made.events.register(plain());
    await made.events.flush();
    expect(made.sender.numbers).toEqual([1]);
  });

  it("ORDERING rule 12: when another process took it over, this one stops at its next write", async () => {
    const { begin } = servers();
    const first = begin();
    await first.subscribe();
    await first.delivered();
    const second = begin();
    await second.restored();
    await first.handle.emit({ n: 1 });
    await deliveries();
    first.sender.forget();
    second.sender.forget();
    await first.handle.emit({ n: 2 });
    await deliveries();
    expect([first.sender.numbers, second.sender.numbers]).toEqual([[], [2]]);
    expect(first.events.stats()).toMatchObject({ subscriptions: { webhook: 0 }, readers: 0, timers: 0 });
    expect(first.logged.map(({ message }) => message)).toContain(
      "mcp-events: a webhook subscription has another owner",
    );
  });

  it("ORDERING rule 12: one that expired here is not forgotten when another process refreshed it", async () => {
    const { begin, clock, base } = servers();
    const first = begin();
    const { id } = await first.subscribe({ ttlMs: 60_000 });
    await clock.advance(30_000);
    const second = begin();
    await second.restored();
    await second.subscribe({ ttlMs: 60_000 });
    await clock.advance(45_000);
    await deliveries();
    expect(first.events.stats().subscriptions.webhook).toBe(0);
    expect(base.webhooks.subscriptions.get(id)).toBeDefined();
    expect(base.webhooks.subscriptions.place(id)).toBeDefined();
    await second.handle.emit({ n: 1 });
    await deliveries();
    expect(second.sender.numbers).toEqual([1]);
  });

  it("an end that the server's close cut off is told by the next process", async () => {
    const { begin, store, clock } = servers();
    let allowed = true;
    const made = webhookSetup({ store }, clock);
    made.events.register(plain(), { authorize: () => allowed });
    await made.subscribe();
    await made.delivered();
    made.sender.answering = () => 500;
    allowed = false;
    await made.events.reauthorize();
    await made.close();
    expect(begin().events.stats().timers).toBe(0);
    expect(await store.webhooks!.subscriptions.page(undefined, 9)).toHaveLength(1);
  });
});

describe("ORD-7: subscriptions that outlive their log", () => {
  async function anew(before: number, subscribeAgain = false) {
    const { base, clock, begin } = servers(false);
    const first = begin();
    const { cursor } = await first.subscribe({}, { ...ALICE, meta: offering(4) });
    await first.delivered();
    for (let n = 1; n <= before; n += 1) await first.handle.emit({ n });
    await deliveries();
    first.sender.answering = ({ n }) => (n === "given up" ? 410 : undefined);
    await first.handle.emit({ n: "open" });
    await first.handle.emit({ n: "given up" });
    await deliveries();
    await first.close();
    const log = memoryStore({ clock });
    const store = { ...lasting(log, false), webhooks: base.webhooks };
    const second = webhookSetup({ store }, clock);
    second.sender.answering = ({ body }) => (subscribeAgain && body.type === "gap" ? undefined : 200);
    const handle = second.events.register(plain());
    for (let n = 1; n <= 6; n += 1) await handle.emit({ n: 10 * n });
    const answer = subscribeAgain
      ? await second.subscribe({ cursor }, { ...ALICE, meta: offering(4) })
      : undefined;
    await until(() => second.events.stats().subscriptions.webhook > 0);
    await second.delivered();
    return { ...second, answer };
  }

  it("the gap is told before anything of the new epoch; nothing of it is taken for given up", async () => {
    const { sender } = await anew(3);
    expect(sender.numbers).toEqual(["gap", 10, 20, 30, 40, 50, 60]);
    expect(sender.attempts[0]!.body._meta[ORDERING_EXTENSION]).toMatchObject({ through: 0 });
    expect(sender.attempts[1]!.body._meta[ORDERING_EXTENSION]).toMatchObject({ seq: 1, prev: 0 });
  });

  it("ORDERING rule 15: a refresh that takes it up says truncated", async () => {
    const { answer } = await anew(2, true);
    expect(answer).toMatchObject({ truncated: true, deliveryStatus: { active: true } });
  });
});

describe("closing", () => {
  it("gives back everything, and tries once what is due within drainMs", async () => {
    const { begin, clock } = servers();
    const { events, subscribe, delivered, handle, sender } = begin({ drainMs: 500 });
    await subscribe();
    await delivered();
    sender.answering = undefined;
    await handle.emit({ n: 1 });
    let closed = false;
    void events.close().then(() => {
      closed = true;
    });
    await deliveries();
    expect([sender.numbers, closed, sender.closed]).toEqual([[1], false, false]);
    await clock.advance(499);
    expect(closed).toBe(false);
    await clock.advance(2);
    await until(() => closed);
    expect(sender).toMatchObject({ closed: true, open: 0 });
    expect(events.stats()).toMatchObject({ timers: 0, readers: 0, views: 0, subscriptions: { webhook: 0 } });
  });

  it("[pitfall 11]: what emit started is posted before it ends", async () => {
    const { begin } = servers();
    const { events, subscribe, delivered, handle, sender } = begin();
    await subscribe();
    await delivered();
    const emitted = [1, 2, 3].map((n) => handle.emit({ n }));
    await Promise.all([...emitted, events.close()]);
    expect(sender.numbers).toEqual([1, 2, 3]);
  });

  it("[pitfall 22]: a subscribe under way is not taken in, and leaves no record", async () => {
    const { begin, store, clock } = servers();
    const { events, subscribe, sender } = begin();
    let go = () => {};
    let asked = false;
    sender.verify = () =>
      new Promise<void>((resolve) => {
        asked = true;
        go = resolve;
      });
    const refused = failure(subscribe());
    await until(() => asked);
    await events.close();
    go();
    expect(await refused).toMatchObject({ error: "InternalError" });
    expect(await store.webhooks!.subscriptions.page(undefined, 9)).toEqual([]);
    expect([events.stats().timers, events.stats().readers, clock.pending]).toEqual([0, 0, 0]);
  });
});
