import { memoryPositions } from "@mcp-events/ordering";
import { EventsError, METHODS, ORDERING_EXTENSION, WireError } from "@mcp-events/protocol";
import { describe, expect, it } from "vitest";
import { settle } from "../../ordering/src/testing/manual-clock";
import { next, Reading, subscribePush } from "./testing/setup";
import { deferred, granted, OFFER, posted, setUpWebhook, subscribeWebhook } from "./testing/webhook-setup";
import { active, cursorAt, event, page } from "./testing/wire";

const order = (setup: ReturnType<typeof setUpWebhook>) =>
  setup.connection.requests.map(({ method }) => method).filter((method) => method !== METHODS.list);

describe("events/subscribe", () => {
  it("HOOK-1: names the callback, its secret, the arguments and what the receiver offers", async () => {
    const setup = setUpWebhook({ resequence: OFFER, ttlMs: null });
    await setup.client.subscribe("note.created", { repo: "a" }, { delivery: "webhook", maxAgeMs: 5_000 });
    const { url } = setup.receiver.callback;
    expect(setup.connection.paramsOf(METHODS.subscribe)).toEqual([
      {
        name: "note.created",
        arguments: { repo: "a" },
        delivery: { mode: "webhook", url, secret: "whsec_1" },
        cursor: null,
        maxAgeMs: 5_000,
        ttlMs: null,
        _meta: { [ORDERING_EXTENSION]: { resequence: OFFER } },
      },
    ]);
    expect(setup.receiver.callback.settled).toEqual(["sub_1"]);
  });

  it("ORDERING rule 23: a receiver that offers nothing says nothing", async () => {
    const setup = setUpWebhook();
    await subscribeWebhook(setup);
    const [params] = setup.connection.paramsOf(METHODS.subscribe);
    expect([params?._meta, params && "ttlMs" in params]).toEqual([undefined, false]);
  });

  it("HOOK-8: the callback is open before the request leaves", async () => {
    const setup = setUpWebhook();
    setup.answer = () => {
      expect(setup.receiver.openCallbacks).toBe(1);
      return granted(setup, 0);
    };
    const subscription = await subscribeWebhook(setup);
    expect([subscription.mode, subscription.state]).toEqual(["webhook", "live"]);
  });

  it("[pitfall 6] what is posted before the answer waits for it, and is placed by it", async () => {
    const setup = setUpWebhook();
    const answer = deferred();
    setup.answer = () => answer.promise;
    const opening = subscribeWebhook(setup);
    await settle();
    const outcome = setup.receiver.callback.post(posted(6));
    await settle();
    expect(setup.receiver.callback.outcomes).toEqual(["unanswered"]);
    answer.resolve(granted(setup, 5));
    expect(await new Reading(await opening).shown()).toEqual([6]);
    expect(await outcome).toBe("accepted");
  });

  it("what is posted before an answer that never comes is sent again", async () => {
    const setup = setUpWebhook({ maxBuffered: 2 });
    setup.answer = () => new Promise(() => {});
    const opening = subscribeWebhook(setup);
    opening.catch(() => {});
    await settle();
    for (const seq of [1, 2, 3]) void setup.receiver.callback.post(posted(seq));
    await settle();
    expect(setup.receiver.callback.outcomes).toEqual(["unanswered", "unanswered", "retry"]);
    await setup.client.close();
    expect(setup.receiver.callback.outcomes).toEqual(["retry", "retry", "retry"]);
    await expect(opening).rejects.toMatchObject({ code: "closed" });
  });

  it("ORDERING rule 22: from a stored position it unsubscribes first, then subscribes from its cursor", async () => {
    const positions = memoryPositions();
    const first = setUpWebhook({ positions }, 5);
    await subscribeWebhook(first);
    await first.client.close();
    const second = setUpWebhook({ positions }, 5);
    await subscribeWebhook(second);
    expect(order(second)).toEqual([METHODS.unsubscribe, METHODS.subscribe]);
    const { url } = second.receiver.callback;
    expect(second.connection.paramsOf(METHODS.unsubscribe)[0]?.delivery).toEqual({ url });
    expect(second.connection.paramsOf(METHODS.subscribe)[0]?.cursor).toBe(cursorAt(5));
    expect(first.receiver.callback.url).toBe(url);
  });

  it("ORDERING rule 22: an unsubscribe that fails otherwise is not gone past", async () => {
    const setup = setUpWebhook();
    let fails = 2;
    setup.connection.handlers.set(METHODS.unsubscribe, () => {
      if (fails-- > 0) throw new Error("lost");
      return {};
    });
    const opening = subscribeWebhook(setup, { cursor: cursorAt(3) });
    await setup.clock.advance(2_000);
    await opening;
    expect(order(setup)).toEqual([...Array(3).fill(METHODS.unsubscribe), METHODS.subscribe]);
  });

  it("CUR-6: an answer that is truncated is a gap", async () => {
    const setup = setUpWebhook();
    setup.answer = () => granted(setup, 9, { truncated: true });
    const subscription = await subscribeWebhook(setup, { cursor: cursorAt(3) });
    void setup.receiver.callback.post(posted(10));
    expect(await new Reading(subscription).shown()).toEqual(["truncated(?,9]", 10]);
  });

  it("HOOK-2: a refusal rejects", async () => {
    const setup = setUpWebhook();
    setup.answer = () => Promise.reject(new WireError("Forbidden", "who are you?"));
    await expect(subscribeWebhook(setup)).rejects.toMatchObject({ error: "Forbidden" });
    expect([setup.receiver.openCallbacks, setup.client.subscriptions]).toEqual([0, []]);
  });

  it("HOOK-7: an endpoint that the server cannot reach is left for another mode, or rejects", async () => {
    const setup = setUpWebhook();
    setup.answer = () => Promise.reject(new WireError("CallbackEndpointError", "no", { reason: "timeout" }));
    setup.connection.handlers.set(METHODS.poll, () => page([], 5));
    const subscription = await setup.client.subscribe("note.created", {}, { delivery: ["webhook", "poll"] });
    expect([subscription.mode, setup.receiver.openCallbacks]).toEqual(["poll", 0]);
    await expect(subscribeWebhook(setup)).rejects.toMatchObject({ error: "CallbackEndpointError" });
  });

  it("a malformed answer is asked for again", async () => {
    const setup = setUpWebhook();
    setup.answer = () => {
      setup.answer = () => granted(setup, 0, { refreshBefore: "soon" });
      return { id: 5 };
    };
    const opening = subscribeWebhook(setup);
    await setup.clock.advance(300);
    setup.answer = () => granted(setup, 0);
    await setup.clock.advance(2_000);
    expect((await opening).state).toBe("live");
    expect(setup.connection.paramsOf(METHODS.subscribe)).toHaveLength(3);
  });
});

describe("choice of mode", () => {
  it("push, poll, webhook is the order of preference", async () => {
    const setup = setUpWebhook();
    expect((await subscribePush(setup)).mode).toBe("push");
    const only = setUpWebhook({ offers: ["webhook"] });
    expect((await only.client.subscribe("note.created")).mode).toBe("webhook");
  });

  it("without a receiver the mode is not possible", async () => {
    const setup = setUpWebhook({ transports: [] });
    await expect(subscribeWebhook(setup)).rejects.toMatchObject({ code: "no_compatible_delivery_mode" });
  });

  it("HOOK-3: subscriptions that live at once have callbacks of their own; the first URL is free again after the end", async () => {
    const setup = setUpWebhook();
    const first = await subscribeWebhook(setup);
    await subscribeWebhook(setup);
    const [one, two] = setup.receiver.callbacks.map(({ url }) => url);
    expect(one).not.toBe(two);
    await first.close();
    await subscribeWebhook(setup);
    expect(setup.receiver.callback.url).toBe(one);
  });

  it("ORD-4: push to webhook to poll, mid-flight, loses and repeats nothing", async () => {
    const setup = setUpWebhook({ resequence: OFFER });
    const subscription = await subscribePush(setup, 5);
    const iterator = subscription[Symbol.asyncIterator]();
    setup.connection.stream.send(event(6), event(7));
    expect(await next(iterator)).toEqual([6]);
    setup.answer = ({ cursor }) => granted(setup, Number(String(cursor).split(":")[1]));
    await subscription.switchTo("webhook");
    expect(setup.connection.paramsOf(METHODS.subscribe)[0]?.cursor).toBe(cursorAt(7));
    const { callback } = setup.receiver;
    void callback.post(posted(8, 7));
    void callback.post(posted(10, 9, { settled: 7 }));
    expect(await next(iterator, 2)).toEqual([7, 8]);
    setup.connection.handlers.set(METHODS.poll, ({ cursor }) =>
      cursor === cursorAt(7)
        ? page(
            [
              [8, 7],
              [9, 8],
              [10, 9],
            ],
            10,
          )
        : page([], 10),
    );
    await subscription.switchTo("poll");
    expect([callback.closed, callback.outcomes]).toEqual([true, ["retry", "retry"]]);
    expect(await next(iterator, 2)).toEqual([9, 10]);
    setup.connection.onStream = (stream) => stream.send(active(10), event(11, 10));
    await subscription.switchTo("push");
    expect(await next(iterator)).toEqual([11]);
  });

  it("ORD-4: pages that end before the watermark's own place are not asked for again and again", async () => {
    const setup = setUpWebhook({ resequence: OFFER }, 5);
    const subscription = await subscribeWebhook(setup);
    const reading = new Reading(subscription);
    for (const seq of [6, 7, 8]) void setup.receiver.callback.post(posted(seq, seq - 1, { settled: 5 }));
    await settle();
    setup.connection.handlers.set(METHODS.poll, ({ cursor }) => {
      const after = Number(String(cursor).split(":")[1]);
      return after < 9 ? page([[after + 1, after]], after + 1, { hasMore: true }) : page([], 9);
    });
    await subscription.switchTo("poll");
    await setup.clock.advance(10_000);
    expect(await reading.shown()).toEqual([6, 7, 8, 9]);
  });

  it("ORD-4: what webhook held back is no hole for the stream that follows", async () => {
    const setup = setUpWebhook({ resequence: OFFER, offers: ["push", "webhook"] }, 5);
    const subscription = await subscribeWebhook(setup);
    void setup.receiver.callback.post(posted(7, 6, { settled: 5 }));
    await settle();
    setup.connection.onStream = (stream) => stream.send(active(5));
    await subscription.switchTo("push");
    setup.connection.stream.send(event(6), event(7));
    expect(await new Reading(subscription).shown()).toEqual([6, 7]);
    expect(setup.connection.streams).toHaveLength(1);
  });
});

describe("the end", () => {
  it("HOOK-17: close unsubscribes, answers 503 until then, and closes the callback", async () => {
    const setup = setUpWebhook();
    const subscription = await subscribeWebhook(setup);
    const { callback } = setup.receiver;
    const told = deferred();
    setup.connection.handlers.set(METHODS.unsubscribe, () => told.promise);
    let over = false;
    void subscription.close().then(() => {
      over = true;
    });
    await settle();
    expect(await callback.post(posted(1))).toBe("retry");
    expect([over, callback.closed]).toEqual([false, false]);
    told.resolve({});
    await settle();
    expect([over, callback.closed, setup.clock.pending]).toEqual([true, true, 0]);
    expect(setup.connection.paramsOf(METHODS.unsubscribe)).toEqual([
      { name: "note.created", arguments: {}, delivery: { url: callback.url } },
    ]);
    expect(setup.connection.requests.at(-1)?.timeoutMs).toBe(15_000);
  });

  it("close does not reject for a server that cannot be told", async () => {
    const setup = setUpWebhook();
    const subscription = await subscribeWebhook(setup);
    setup.connection.handlers.set(METHODS.unsubscribe, () => {
      throw new EventsError("timed_out", "no answer", { retryable: true });
    });
    await subscription.close();
    expect([setup.receiver.callback.closed, setup.warnings]).toEqual([
      true,
      ["a webhook subscription was not ended"],
    ]);
  });

  it("client.close waits for a subscription that is still taking leave", async () => {
    const setup = setUpWebhook();
    const subscription = await subscribeWebhook(setup);
    const told = deferred();
    setup.connection.handlers.set(METHODS.unsubscribe, () => told.promise);
    void subscription.close();
    let over = false;
    const closing = setup.client.close().then(() => {
      over = true;
    });
    await settle();
    expect(over).toBe(false);
    told.resolve({});
    await closing;
  });

  it("HOOK-17: the signal unsubscribes, too", async () => {
    const setup = setUpWebhook();
    const abort = new AbortController();
    await subscribeWebhook(setup, { signal: abort.signal });
    abort.abort();
    await settle();
    expect([order(setup), setup.receiver.openCallbacks]).toEqual([
      [METHODS.subscribe, METHODS.unsubscribe],
      0,
    ]);
  });

  it("a connection that is closed ends it; nobody is there to be told", async () => {
    const setup = setUpWebhook();
    const subscription = await subscribeWebhook(setup);
    setup.connection.close();
    await settle();
    expect([subscription.state, order(setup), setup.receiver.openCallbacks, setup.clock.pending]).toEqual([
      "ended",
      [METHODS.subscribe],
      0,
      0,
    ]);
  });
});
