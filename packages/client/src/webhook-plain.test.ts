import { memoryPositions } from "@mcp-events/ordering";
import { METHODS } from "@mcp-events/protocol";
import { describe, expect, it } from "vitest";
import { settle } from "../../ordering/src/testing/manual-clock";
import { next, Reading } from "./testing/setup";
import { plainBody, setUpWebhook, subscribeWebhook, type WebhookSetupOptions } from "./testing/webhook-setup";

/** A server that knows nothing of the ordering extension. */
function setUpPlain(options: WebhookSetupOptions = {}) {
  const setup = setUpWebhook(options);
  const refreshBefore = () => new Date(setup.clock.now() + 3_600_000).toISOString();
  setup.answer = ({ cursor }) => ({ id: "sub_1", refreshBefore: refreshBefore(), cursor: cursor ?? "p0" });
  return setup;
}

describe("ORD-3: servers without the ordering extension", () => {
  it("events come as they arrive, and the body's cursor is stored once they are committed", async () => {
    const setup = setUpPlain({ positions: memoryPositions() });
    const subscription = await subscribeWebhook(setup);
    const iterator = subscription[Symbol.asyncIterator]();
    void setup.receiver.callback.post(plainBody(1));
    void setup.receiver.callback.post(plainBody(2));
    expect([await next(iterator, 2), subscription.cursor]).toEqual([[1, 2], "p1"]);
  });

  it("ORDERING rule 17: a copy of what is handed out waits for its outcome; one of what is committed is accepted at once", async () => {
    const setup = setUpPlain();
    const iterator = (await subscribeWebhook(setup))[Symbol.asyncIterator]();
    const { callback } = setup.receiver;
    void callback.post(plainBody(1));
    void callback.post(plainBody(1));
    expect(await next(iterator)).toEqual([1]);
    await settle();
    expect(callback.outcomes).toEqual(["unanswered", "unanswered"]);
    void callback.post(plainBody(2));
    expect(await next(iterator)).toEqual([2]);
    await settle();
    expect(callback.outcomes).toEqual(["accepted", "accepted", "unanswered"]);
    expect(await callback.post(plainBody(1))).toBe("accepted");
  });

  it("ORD-9: what an earlier process accepted is not handed out again, though the watermark lags", async () => {
    const positions = memoryPositions();
    const first = setUpPlain({ positions });
    const reading = new Reading(await subscribeWebhook(first));
    for (const [n, cursor] of [
      [1, "p0"],
      [2, "p0"],
      [3, "p1"],
    ] as const) {
      void first.receiver.callback.post(plainBody(n, cursor));
    }
    expect(await reading.shown()).toEqual([1, 2, 3]);
    await first.client.close();
    const second = setUpPlain({ positions });
    const again = new Reading(await subscribeWebhook(second));
    expect(second.connection.paramsOf(METHODS.subscribe)[0]?.cursor).toBe("p1");
    for (const n of [2, 3, 4]) void second.receiver.callback.post(plainBody(n, "p1"));
    expect(await again.shown()).toEqual([4]);
    expect(second.receiver.callback.outcomes).toEqual(Array(3).fill("accepted"));
  });

  it("[pitfall 19] what is refused leaves no hole", async () => {
    const setup = setUpPlain({ maxBuffered: 1 });
    const subscription = await subscribeWebhook(setup);
    const { callback } = setup.receiver;
    void callback.post(plainBody(1));
    expect(await callback.post(plainBody(2))).toBe("retry");
    const reading = new Reading(subscription);
    await settle();
    expect(await callback.post(plainBody(2))).toBe("accepted");
    expect(await reading.shown()).toEqual([1, 2]);
  });

  it("CUR-4: a refresh moves the cursor in quiet times", async () => {
    const setup = setUpPlain();
    const subscription = await subscribeWebhook(setup);
    const before = setup.answer;
    setup.answer = (params) => ({ ...(before(params) as object), cursor: "p9" });
    await setup.clock.advance(3_600_000);
    expect(subscription.cursor).toBe("p9");
    expect(setup.connection.paramsOf(METHODS.poll)).toEqual([]);
  });

  it("a malformed event is one gap, and accepted", async () => {
    const setup = setUpPlain();
    const subscription = await subscribeWebhook(setup);
    expect(await setup.receiver.callback.post({ eventId: 5 })).toBe("accepted");
    void setup.receiver.callback.post(plainBody(1));
    expect(await new Reading(subscription).shown()).toEqual(["lost(?,?]", 1]);
  });
});
