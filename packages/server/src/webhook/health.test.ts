import { describe, expect, it } from "vitest";
import { deliveries } from "../testing/fake-sender";
import { subscribed } from "../testing/webhook-setup";
import { DeliveryHealth } from "./health";
import { webhookSettings } from "./options";

const HOUR = 3_600_000;
const NOW = 1_700_000_000_000;

function health(options = {}) {
  return new DeliveryHealth(webhookSettings(options));
}

describe("HOOK-13: suspension by rate", () => {
  it("95 of 100 do not suspend, 96 of 100 do; fewer than 100 never do", () => {
    const some = health();
    for (let n = 0; n < 99; n += 1) expect(some.failed(NOW, "timeout")).toBe(false);
    expect(some.failed(NOW, "timeout")).toBe(true);
    const mixed = health();
    for (let n = 0; n < 5; n += 1) mixed.succeeded(NOW);
    const answers = Array.from({ length: 97 }, () => mixed.failed(NOW, "timeout"));
    // 95 of 100, then 96 of 101 (95.05 %).
    expect(answers.slice(93)).toEqual([false, false, true, true]);
  });

  it("what is older than the window does not count", () => {
    const some = health();
    for (let n = 0; n < 99; n += 1) some.failed(NOW, "timeout");
    expect(some.failed(NOW + HOUR, "timeout")).toBe(false);
    expect(some.failed(NOW + HOUR - 60_000, "timeout")).toBe(false);
  });

  it("after a suspension the first success begins a new count, and a failure before it suspends again", () => {
    const some = health();
    for (let n = 0; n < 100; n += 1) some.failed(NOW, "timeout");
    expect(some.failed(NOW, "timeout")).toBe(true);
    some.succeeded(NOW);
    for (let n = 0; n < 98; n += 1) expect(some.failed(NOW, "timeout")).toBe(false);
  });

  it("[pitfall 29]: 900 failures do suspend, whatever is refreshed between them", async () => {
    const { sender, emit, subscribe, events, clock } = await subscribed({
      webhooks: { maxAttempts: 1 },
    });
    sender.answering = () => 500;
    let refreshes = 0;
    for (let n = 1; n <= 900 && events.webhooks.list()[0]!.status.active; n += 1) {
      await emit(n);
      await clock.advance(100);
      if (n % 10 === 0) {
        await subscribe();
        refreshes += 1;
      }
    }
    expect(refreshes).toBeGreaterThan(3);
    expect(events.webhooks.list()[0]!.status.active).toBe(false);
    sender.forget();
    await emit(901);
    expect(sender.attempts).toEqual([]);
    sender.answering = () => 200;
    expect((await subscribe()).deliveryStatus).toMatchObject({ active: false, lastError: "http_5xx" });
    await deliveries();
    expect(sender.attempts.length).toBeGreaterThan(0);
    expect(events.webhooks.list()[0]!.status).toMatchObject({ active: true, lastError: null });
  });
});

describe("HOOK-14: the status", () => {
  it("says since when it fails and why, and forgets it with the next success", async () => {
    const { sender, emit, subscribe, clock } = await subscribed();
    await emit(1);
    const delivered = new Date(clock.now()).toISOString();
    await clock.advance(5_000);
    sender.answering = () => ({ kind: "failed", error: "connection_refused" });
    const failing = new Date(clock.now()).toISOString();
    await emit(2);
    await clock.advance(20_000);
    expect((await subscribe()).deliveryStatus).toEqual({
      active: true,
      lastDeliveryAt: delivered,
      lastError: "connection_refused",
      failedSince: failing,
    });
    sender.answering = () => 200;
    await clock.advance(100_000);
    await deliveries();
    expect((await subscribe()).deliveryStatus).toEqual({
      active: true,
      lastDeliveryAt: expect.any(String),
      lastError: null,
    });
  });

  it("says that deliveries are throttled, and for how long", async () => {
    const { sender, subscribe } = await subscribed();
    sender.throttled = 1_234.5;
    expect((await subscribe()).deliveryStatus).toMatchObject({ throttled: true, retryAfterMs: 1_235 });
  });

  it("the operator's view has no secret in it; what is not there is said", async () => {
    const { events, answer } = await subscribed();
    expect(JSON.stringify(events.webhooks.list())).not.toContain("whsec_");
    expect([events.webhooks.suspend(answer.id), events.webhooks.suspend("sub_x")]).toEqual([true, false]);
    expect([events.webhooks.resume(answer.id), events.webhooks.resume("sub_x")]).toEqual([true, false]);
  });
});
