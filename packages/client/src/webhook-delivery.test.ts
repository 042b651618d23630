import { memoryPositions } from "@mcp-events/ordering";
import { METHODS } from "@mcp-events/protocol";
import { describe, expect, it } from "vitest";
import { settle } from "../../ordering/src/testing/manual-clock";
import { next, Reading } from "./testing/setup";
import { granted, OFFER, posted, setUpWebhook, subscribeWebhook } from "./testing/webhook-setup";
import { cursorAt, lists, page } from "./testing/wire";

describe("accepted means committed", () => {
  it("ORDERING rule 20 HOOK-18: a delivery is answered after its handler committed and the position was stored", async () => {
    const inner = memoryPositions();
    const storing: (() => void)[] = [];
    const positions = {
      ...inner,
      set: (key: string, position: Parameters<typeof inner.set>[1]) => {
        void inner.set(key, position);
        return new Promise<void>((resolve) => storing.push(resolve));
      },
    };
    const setup = setUpWebhook({ positions }, 5);
    const opening = subscribeWebhook(setup);
    await settle();
    storing.shift()?.();
    const subscription = await opening;
    const { callback } = setup.receiver;
    void callback.post(posted(6));
    const iterator = subscription[Symbol.asyncIterator]();
    const first = await iterator.next();
    await settle();
    expect([first.value?.kind === "event" && first.value.mode, callback.outcomes]).toEqual([
      "webhook",
      ["unanswered"],
    ]);
    void iterator.next();
    await settle();
    expect([storing.length, callback.outcomes]).toEqual([1, ["unanswered"]]);
    storing.shift()?.();
    await settle();
    expect(callback.outcomes).toEqual(["accepted"]);
  });

  it("ORDERING rule 20: a position that was not stored is no 2xx; the copy tries to store it again", async () => {
    const inner = memoryPositions();
    let fails = false;
    const positions = {
      ...inner,
      set: (key: string, position: Parameters<typeof inner.set>[1]) => {
        if (fails) throw new Error("disk full");
        return inner.set(key, position);
      },
    };
    const setup = setUpWebhook({ positions }, 5);
    const subscription = await subscribeWebhook(setup, { commit: "explicit" });
    const { callback } = setup.receiver;
    void callback.post(posted(6));
    const item = await subscription[Symbol.asyncIterator]().next();
    fails = true;
    await expect(item.value?.commit()).rejects.toMatchObject({ code: "position_store_failed" });
    await settle();
    fails = false;
    expect(callback.outcomes).toEqual(["retry"]);
    expect(await callback.post(posted(6))).toBe("accepted");
  });

  it("ORD-3 ORDERING rule 17: a copy of what is handed out waits for that outcome; one of what is committed does not", async () => {
    const setup = setUpWebhook({}, 5);
    const subscription = await subscribeWebhook(setup);
    const { callback } = setup.receiver;
    const iterator = subscription[Symbol.asyncIterator]();
    void callback.post(posted(6));
    void callback.post(posted(6));
    expect(await next(iterator)).toEqual([6]);
    await settle();
    expect(callback.outcomes).toEqual(["unanswered", "unanswered"]);
    void iterator.next();
    await settle();
    expect([...callback.outcomes, await callback.post(posted(6))]).toEqual(Array(3).fill("accepted"));
  });

  it("leaving the loop keeps what was not committed: it is handed out again and accepted then", async () => {
    const setup = setUpWebhook({}, 5);
    const subscription = await subscribeWebhook(setup);
    void setup.receiver.callback.post(posted(6));
    for await (const _ of subscription) break;
    await settle();
    expect(setup.receiver.callback.outcomes).toEqual(["unanswered"]);
    expect(await new Reading(subscription).shown()).toEqual([6]);
    expect(setup.receiver.callback.outcomes).toEqual(["accepted"]);
  });

  it("[pitfall 19] what is more than maxBuffered is refused, not kept", async () => {
    const setup = setUpWebhook({ maxBuffered: 2, resequence: OFFER }, 0);
    const subscription = await subscribeWebhook(setup);
    for (const seq of [1, 2, 3]) void setup.receiver.callback.post(posted(seq, seq - 1, { settled: 0 }));
    await settle();
    expect(setup.receiver.callback.outcomes).toEqual(["unanswered", "unanswered", "retry"]);
    const reading = new Reading(subscription);
    await settle();
    void setup.receiver.callback.post(posted(3));
    expect(await reading.shown()).toEqual([1, 2, 3]);
  });

  it("a malformed event is a gap in its place, and accepted", async () => {
    const setup = setUpWebhook({}, 5);
    const reading = new Reading(await subscribeWebhook(setup));
    const { callback } = setup.receiver;
    const { data: _, ...broken } = posted(6);
    expect(await callback.post(broken)).toBe("accepted");
    expect(await callback.post(posted(7))).toBe("accepted");
    expect(await reading.shown()).toEqual(["lost(5,6]", 7]);
  });

  it("ORD-9: a restart goes on after what was accepted, though the watermark is behind it", async () => {
    const positions = memoryPositions();
    const first = setUpWebhook({ positions, resequence: OFFER }, 5);
    const reading = new Reading(await subscribeWebhook(first));
    for (const seq of [6, 7]) void first.receiver.callback.post(posted(seq, seq - 1, { settled: 5 }));
    expect(await reading.shown()).toEqual([6, 7]);
    await first.client.close();
    const second = setUpWebhook({ positions, resequence: OFFER });
    second.answer = ({ cursor }) => granted(second, Number(String(cursor).split(":")[1]));
    const again = new Reading(await subscribeWebhook(second));
    expect(second.connection.paramsOf(METHODS.subscribe)[0]?.cursor).toBe(cursorAt(5));
    for (const seq of [6, 7, 8]) {
      expect(await second.receiver.callback.post(posted(seq, seq - 1, { settled: 5 }))).toBe("accepted");
    }
    expect(await again.shown()).toEqual([8]);
  });
});

describe("what comes ahead of something missing", () => {
  it("ORD-1 ORDERING rule 18: a window is put in order", async () => {
    const setup = setUpWebhook({ resequence: OFFER }, 5);
    const reading = new Reading(await subscribeWebhook(setup));
    for (const seq of [8, 7, 6]) void setup.receiver.callback.post(posted(seq, seq - 1, { settled: 5 }));
    expect(await reading.shown()).toEqual([6, 7, 8]);
    expect(setup.receiver.callback.outcomes).toEqual(Array(3).fill("accepted"));
  });

  it("ORDERING rule 18: with guarantee key, an event goes ahead of other keys", async () => {
    const setup = setUpWebhook({ resequence: OFFER }, 5);
    lists(setup.connection, ["webhook"], "key");
    const reading = new Reading(await subscribeWebhook(setup));
    void setup.receiver.callback.post(posted(7, 6, { settled: 5, key: "b", keyPrev: 5 }));
    expect(await reading.shown()).toEqual([7]);
    void setup.receiver.callback.post(posted(6, 5, { settled: 5, key: "a", keyPrev: 5 }));
    expect(await reading.shown()).toEqual([7, 6]);
  });

  it("ORDERING rule 19: what is held is refused after holdMs, and taken when it comes again in order", async () => {
    const setup = setUpWebhook({ resequence: OFFER }, 5);
    const reading = new Reading(await subscribeWebhook(setup));
    const { callback } = setup.receiver;
    void callback.post(posted(7, 6, { settled: 5 }));
    await setup.clock.advance(999);
    expect(callback.outcomes).toEqual(["unanswered"]);
    await setup.clock.advance(1);
    expect(callback.outcomes).toEqual(["retry"]);
    void callback.post(posted(6, 5, { settled: 5 }));
    void callback.post(posted(7, 6, { settled: 5 }));
    expect(await reading.shown()).toEqual([6, 7]);
    expect(setup.connection.paramsOf(METHODS.poll)).toEqual([]);
  });

  it("ORDERING rule 16: what the sender holds for settled and we have not is recovered first, by poll", async () => {
    const setup = setUpWebhook({ resequence: OFFER }, 5);
    const reading = new Reading(await subscribeWebhook(setup));
    setup.connection.handlers.set(METHODS.poll, () =>
      page(
        [
          [6, 5],
          [7, 6],
        ],
        7,
      ),
    );
    void setup.receiver.callback.post(posted(7, 6, { settled: 6 }));
    expect(await reading.shown()).toEqual([6, 7]);
    expect(setup.receiver.callback.outcomes).toEqual(["accepted"]);
    expect(setup.connection.paramsOf(METHODS.poll)[0]?.cursor).toBe(cursorAt(5));
  });

  it("ORDERING rule 19: without an offer every hole is recovered at once", async () => {
    const setup = setUpWebhook({}, 5);
    const reading = new Reading(await subscribeWebhook(setup));
    setup.connection.handlers.set(METHODS.poll, () => page([[6, 5]], 6));
    void setup.receiver.callback.post(posted(7, 6, { settled: 5 }));
    expect(await reading.shown()).toEqual([6, 7]);
  });

  it("ORDERING rule 19: where poll is not offered, it subscribes anew from its cursor, once, before it reports a loss", async () => {
    const setup = setUpWebhook({ offers: ["webhook"] }, 5);
    const reading = new Reading(await subscribeWebhook(setup));
    void setup.receiver.callback.post(posted(7, 6));
    await setup.clock.advance(300);
    expect(setup.connection.paramsOf(METHODS.subscribe).map(({ cursor }) => cursor)).toEqual([
      null,
      cursorAt(5),
    ]);
    void setup.receiver.callback.post(posted(7, 6));
    await setup.clock.advance(0);
    expect(await reading.shown()).toEqual(["lost(5,6]", 7]);
  });

  it("ORDERING rule 19: a hole that no waiting fills is recovered in the end", async () => {
    const setup = setUpWebhook({ resequence: OFFER, recoveryAttempts: 2 }, 5);
    const reading = new Reading(await subscribeWebhook(setup));
    setup.connection.handlers.set(METHODS.poll, () => page([[6, 5]], 6));
    for (let count = 0; count < 2; count += 1) {
      void setup.receiver.callback.post(posted(7, 6, { settled: 5 }));
      await setup.clock.advance(1_000);
    }
    expect(setup.receiver.callback.outcomes).toEqual(["retry", "retry"]);
    void setup.receiver.callback.post(posted(7, 6, { settled: 5 }));
    await setup.clock.advance(1_000);
    expect(await reading.shown()).toEqual([6, 7]);
  });

  it("a recovery that fails for now opens the subscription again", async () => {
    const setup = setUpWebhook({}, 5);
    const reading = new Reading(await subscribeWebhook(setup));
    setup.connection.handlers.set(METHODS.poll, () => Promise.reject(new Error("lost")));
    void setup.receiver.callback.post(posted(7, 6));
    await setup.clock.advance(300);
    void setup.receiver.callback.post(posted(6, 5));
    void setup.receiver.callback.post(posted(7, 6));
    expect(await reading.shown()).toEqual([6, 7]);
  });
});
