import { memoryStore } from "@mcp-events/ordering";
import { describe, expect, it } from "vitest";
import { ManualClock } from "../../../ordering/src/testing/manual-clock";
import { deliveries, until } from "../testing/fake-sender";
import { plain } from "../testing/setup";
import { lasting, webhookSetup } from "../testing/webhook-setup";

const DAY = 86_400_000;
const webhooks = { abandonAfterMs: 7 * DAY, maxTtlMs: 60 * DAY, maxAttempts: 2, firstRetryMs: 10 };

/** A server with a subscription whose endpoint refuses everything. */
async function failing(ttlMs: number | null) {
  const clock = new ManualClock();
  const store = lasting(memoryStore({ clock, maxAgeMs: 365 * DAY }));
  const begin = () => {
    const made = webhookSetup({ store, webhooks, reauthorizeMs: 30 * 60_000 }, clock);
    made.sender.answering = () => 500;
    return { ...made, handle: made.events.register(plain()) };
  };
  const first = begin();
  await first.subscribe({ ttlMs });
  await first.delivered();
  await first.handle.emit({ n: 1 });
  await first.delivered(1_000);
  const isKept = async () => (await store.webhooks!.subscriptions.page(undefined, 9)).length === 1;
  return { ...first, begin, isKept, clock };
}

describe("HOOK-6: subscriptions that nobody ends", () => {
  it("one without an end ends when nothing was accepted for abandonAfterMs, and its receiver is told", async () => {
    const { clock, events, sender, isKept } = await failing(null);
    await clock.advance(7 * DAY - 2_000);
    expect([events.webhooks.list().length, await isKept()]).toEqual([1, true]);
    sender.forget();
    sender.answering = () => 200;
    await clock.advance(3_000);
    expect(sender.attempts.map(({ body }) => body)).toMatchObject([
      { type: "terminated", error: { data: { reason: "abandoned" } } },
    ]);
    await deliveries();
    expect([events.webhooks.list(), await isKept()]).toEqual([[], false]);
    expect(events.stats()).toMatchObject({ timers: 0, readers: 0 });
  });

  it("one that accepts again is kept", async () => {
    const { clock, events, sender, handle } = await failing(null);
    await clock.advance(6 * DAY);
    sender.answering = () => 200;
    await handle.emit({ n: 2 });
    await clock.advance(30 * DAY);
    expect(events.webhooks.list()).toHaveLength(1);
  });

  it("the time counts over restarts", async () => {
    const { clock, close, begin, isKept } = await failing(null);
    await clock.advance(4 * DAY);
    await close();
    const second = begin();
    await until(() => second.events.webhooks.list().length === 1);
    await clock.advance(2 * DAY);
    expect(await isKept()).toBe(true);
    await clock.advance(1.1 * DAY);
    await second.delivered(60_000);
    expect([second.events.webhooks.list(), await isKept()]).toEqual([[], false]);
  });

  it.each([
    ["far away", 40 * DAY, 0],
    ["near: the end itself ends it", 10 * DAY, 1],
  ])("one whose end is %s", async (_, ttlMs, left) => {
    const { clock, events } = await failing(ttlMs);
    await clock.advance(7.5 * DAY);
    expect(events.webhooks.list()).toHaveLength(left);
  });
});
