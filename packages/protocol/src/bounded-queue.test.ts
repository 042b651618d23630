import { describe, expect, it } from "vitest";
import { BoundedQueue } from "./bounded-queue";

const queueOf = (capacity: number, onLeave?: () => void) =>
  new BoundedQueue<number>(capacity, () => new Error("full"), onLeave);

async function collect(queue: BoundedQueue<number>): Promise<number[]> {
  const items: number[] = [];
  for await (const batch of queue) items.push(...batch);
  return items;
}

describe("BoundedQueue", () => {
  it("hands over in order what was pushed before and while reading, up to the close", async () => {
    const queue = queueOf(10);
    queue.push(1);
    queue.push(2);
    const reading = collect(queue);
    await null;
    queue.push(3);
    queue.close();
    expect(queue.push(4)).toBe(false);
    expect(await reading).toEqual([1, 2, 3]);
  });

  it("gives a batch of all that waits", async () => {
    const queue = queueOf(10);
    for (const item of [1, 2, 3]) queue.push(item);
    const first = await queue[Symbol.asyncIterator]().next();
    expect([first.value, queue.size]).toEqual([[1, 2, 3], 0]);
  });

  it("drops nothing when it overflows: what it holds is read, then it ends with the error [pitfall 19]", async () => {
    const queue = queueOf(2);
    expect([queue.push(1), queue.push(2), queue.push(3), queue.push(4)]).toEqual([true, true, false, false]);
    const items: number[] = [];
    const reading = (async () => {
      for await (const batch of queue) items.push(...batch);
    })();
    await expect(reading).rejects.toThrow("full");
    expect(items).toEqual([1, 2]);
  });

  it("keeps its first end", async () => {
    const closed = queueOf(1);
    closed.close();
    closed.fail(new Error("late"));
    expect(await collect(closed)).toEqual([]);
    const failed = queueOf(1);
    failed.fail(new Error("first"));
    failed.close();
    await expect(collect(failed)).rejects.toThrow("first");
  });

  it("tells once when the reader leaves before the end, and not when it read to the end", async () => {
    let left = 0;
    const leave = () => {
      left += 1;
    };
    const early = queueOf(2, leave);
    early.push(1);
    for await (const _batch of early) break;
    expect(left).toBe(1);
    const whole = queueOf(2, leave);
    whole.close();
    await collect(whole);
    expect(left).toBe(1);
  });

  it("room: waits while the mark is reached, until what waits was taken, the queue ends, or the reader leaves", async () => {
    const queue = queueOf(5);
    expect(queue.room(1)).toBeUndefined();
    queue.push(1);
    const taken = queue.room(1);
    expect(taken).toBeInstanceOf(Promise);
    const reader = queue[Symbol.asyncIterator]();
    await reader.next();
    await taken;
    queue.push(2);
    const left = queue.room(1);
    await reader.return();
    await left;
    const ended = queue.room(1);
    queue.close();
    await ended;
    expect(queue.room(1)).toBeUndefined();
  });
});
