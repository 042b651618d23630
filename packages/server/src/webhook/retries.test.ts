import type { DeliveryError, PostResult } from "@mcp-events/protocol";
import { describe, expect, it } from "vitest";
import { deliveries } from "../testing/fake-sender";
import { offering, subscribed } from "../testing/webhook-setup";
import { webhookSettings } from "./options";
import { verdictOf } from "./verdict";

const settings = webhookSettings();
const NEW = { attempts: 0, firstAttemptAt: 0, behind: false };
const judge = (
  result: PostResult | number,
  outgoing: Partial<typeof NEW> = {},
  now = 0,
  random = () => 0.5,
) =>
  verdictOf(
    (typeof result === "number" ? { kind: "answered", status: result } : result) as never,
    { ...NEW, ...outgoing },
    settings,
    now,
    random,
  );

describe("HOOK-12: what follows from an answer", () => {
  it("2xx is accepted; 410 and 413 are final; everything else is tried again", () => {
    for (const status of [200, 202, 204, 299]) expect(judge(status)).toEqual({ kind: "accepted" });
    for (const status of [410, 413])
      expect(judge(status)).toMatchObject({ kind: "exhausted", refused: true });
    for (const status of [301, 302, 400, 401, 404, 408, 425, 429, 500, 502, 503]) {
      expect(judge(status)).toMatchObject({ kind: "retry", counts: true });
    }
    expect(judge({ kind: "failed", error: "timeout" })).toMatchObject({ kind: "retry", error: "timeout" });
  });

  it("HOOK-14: a failure is told by its kind alone", () => {
    const kinds: [number, DeliveryError][] = [
      [500, "http_5xx"],
      [404, "http_4xx"],
      [302, "http_4xx"],
    ];
    for (const [status, error] of kinds) expect(judge(status)).toMatchObject({ error });
  });

  it("waits grow, within half and one and a half of their size by chance", () => {
    for (const [attempts, base] of [2_000, 10_000, 50_000, 250_000].entries()) {
      expect(judge(500, { attempts }, 0, () => 0)).toMatchObject({ at: base / 2 });
      expect(judge(500, { attempts }, 0, () => 0.999_999)).toMatchObject({
        at: expect.closeTo(base * 1.5, -2),
      });
    }
    expect(judge(500, { attempts: 4 })).toEqual({ kind: "exhausted", error: "http_5xx", refused: false });
  });

  it("nothing is tried after the window", () => {
    expect(judge(500, {}, 899_000)).toMatchObject({ kind: "exhausted" });
    expect(judge(500, {}, 897_000)).toMatchObject({ kind: "retry" });
  });

  it("Retry-After is respected; one beyond the window gets a last attempt at its end", () => {
    const asks = (retryAfterMs: number): PostResult => ({ kind: "answered", status: 429, retryAfterMs });
    expect(judge(asks(60_000))).toMatchObject({ kind: "retry", at: 60_000 });
    expect(judge(asks(1))).toMatchObject({ kind: "retry", at: 2_000 });
    expect(judge(asks(86_400_000))).toMatchObject({ kind: "retry", at: 900_000 });
    expect(judge(asks(86_400_000), { attempts: 1 }, 900_000)).toMatchObject({ kind: "exhausted" });
  });

  it("ORDERING rule 11: a 503 to what was posted behind an unsettled event is no attempt, and no failure", () => {
    const behind = { behind: true, attempts: 4 };
    const verdict = judge(503, behind);
    expect(verdict).toMatchObject({ kind: "retry", counts: false });
    expect(verdict).not.toHaveProperty("error");
    expect(judge(500, behind)).toMatchObject({ kind: "exhausted" });
  });
});

describe("retries", () => {
  it("ORDERING rule 11: while an event is retried nothing later in its lane is posted; other keys go on", async () => {
    const { sender, emit, clock } = await subscribed({}, { orderingKey: (data) => data.k as string });
    sender.answering = ({ n }) =>
      n === 1 && sender.numbers.filter((one) => one === 1).length < 3 ? 500 : 200;
    await emit({ n: 1, k: "a" }, { n: 2, k: "b" }, { n: 3, k: "a" }, { n: 4, k: "b" });
    expect(sender.numbers).toEqual([1, 2, 4]);
    await clock.advance(60_000);
    await deliveries();
    expect(sender.numbers).toEqual([1, 2, 4, 1, 1, 3]);
  });

  it("HOOK-9: a retry has the same webhook-id; a mark made anew says what is settled by then", async () => {
    const { sender, emit, clock } = await subscribed({}, {}, {}, offering(2));
    sender.answering = ({ n }) => (n === 2 && sender.attempts.length < 3 ? 503 : undefined);
    await emit(1, 2);
    sender.attempts[0]!.answer(200);
    await deliveries();
    const [, first, second] = sender.attempts;
    expect([first!.n, second!.n, second!.id]).toEqual([2, 2, first!.id]);
    expect([first!.body._meta, second!.body._meta]).toMatchObject([
      { "dev.mcp-events/ordering": { settled: 0 } },
      { "dev.mcp-events/ordering": { settled: 1 } },
    ]);
    expect(clock.pending).toBeGreaterThan(0);
  });

  it("webhookId message: an id for each message, the same for its attempts, never the event's", async () => {
    const { sender, emit, clock } = await subscribed({ webhooks: { webhookId: "message" } });
    sender.answering = () => (sender.attempts.length === 1 ? 500 : 200);
    await emit(1, 2);
    await clock.advance(10_000);
    await deliveries();
    const [a, b, c] = sender.attempts;
    expect(a!.id).toMatch(/^msg_event_/);
    expect([a!.id === b!.id, b!.id === c!.id, a!.id === a!.body.eventId]).toEqual([true, false, false]);
  });

  it("observers see send, retry and acknowledge", async () => {
    const seen: unknown[] = [];
    const { sender, emit, clock } = await subscribed({
      observer: {
        send: ({ seq }, { mode }) => seen.push(["send", seq, mode]),
        retry: ({ seq, attempt, error }) => seen.push(["retry", seq, attempt, error]),
        acknowledge: ({ through }) => seen.push(["acknowledge", through]),
      },
    });
    sender.answering = () => (sender.attempts.length === 1 ? { kind: "failed", error: "tls_error" } : 200);
    await emit(1);
    await clock.advance(10_000);
    await deliveries();
    expect(seen).toEqual([
      ["send", 1, "webhook"],
      ["retry", 1, 1, "tls_error"],
      ["send", 1, "webhook"],
      ["acknowledge", 1],
    ]);
  });

  it("a log that cannot be read is read again after a pause, and its timer goes with the subscription", async () => {
    const { sender, events, emit, clock, unsubscribe } = await subscribed();
    const log = await events.log();
    const read = log.read.bind(log);
    let broken = true;
    log.read = (request) => {
      if (broken) throw new Error("disk");
      return read(request);
    };
    await emit(1);
    expect(sender.attempts).toEqual([]);
    broken = false;
    await clock.advance(1_000);
    await deliveries();
    expect(sender.numbers).toEqual([1]);
    broken = true;
    await emit(2);
    await unsubscribe();
    await deliveries();
    expect(events.stats().timers).toBe(0);
  });
});
