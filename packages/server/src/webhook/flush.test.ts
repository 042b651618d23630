import { describe, expect, it } from "vitest";
import { deliveries, until } from "../testing/fake-sender";
import { setup } from "../testing/setup";
import { subscribed } from "../testing/webhook-setup";

/** Whether a promise is settled, once all that can happen did. */
async function isOver(promise: Promise<unknown>): Promise<boolean> {
  let over = false;
  void promise.then(() => {
    over = true;
  });
  await deliveries();
  return over;
}

describe("flush", () => {
  it("resolves when every delivery that is due was tried; what waits for its time is left", async () => {
    const { sender, events, handle, clock } = await subscribed();
    sender.answering = undefined;
    void handle.emit({ n: 1 });
    const flushed = events.flush();
    await until(() => sender.attempts.length > 0);
    expect(await isOver(flushed)).toBe(false);
    sender.attempts[0]!.answer(500);
    expect(await isOver(flushed)).toBe(true);
    expect(sender.numbers).toEqual([1]);
    await clock.advance(1);
    expect(await isOver(events.flush())).toBe(true);
  });

  it("what one delivery makes due is tried too, a gap included", async () => {
    const { sender, events, handle } = await subscribed();
    sender.answering = ({ n }) => (n === 1 ? 410 : 200);
    for (const n of [1, 2, 3]) void handle.emit({ n });
    await events.flush();
    expect(sender.numbers).toEqual([1, "gap", 2, 3]);
  });

  it("waits for an asynchronous match, and resolves when it says no", async () => {
    const matches: ((answer: boolean) => void)[] = [];
    const { sender, events, handle } = await subscribed(
      {},
      {
        match: () => new Promise<boolean>((resolve) => matches.push(resolve)),
      },
    );
    await handle.emit({ n: 1 });
    const flushed = events.flush();
    await until(() => matches.length > 0);
    expect(await isOver(flushed)).toBe(false);
    matches[0]!(false);
    expect(await isOver(flushed)).toBe(true);
    await handle.emit({ n: 2 });
    const second = events.flush();
    await until(() => matches.length > 1);
    matches[1]!(true);
    await second;
    expect(sender.numbers).toEqual([2]);
  });

  it("does not wait for what is suspended, and is there without webhooks", async () => {
    const { events, answer, emit, sender } = await subscribed();
    events.webhooks.suspend(answer.id);
    await emit(1);
    await events.flush();
    expect(sender.attempts).toEqual([]);
    await setup().events.flush();
  });

  it("flushes at once do not keep each other going", async () => {
    const { events, emit, sender } = await subscribed();
    await Promise.all([events.flush(), events.flush(), emit(1), events.flush()]);
    expect(sender.numbers).toEqual([1]);
    expect(events.stats().timers).toBe(2);
  });
});
