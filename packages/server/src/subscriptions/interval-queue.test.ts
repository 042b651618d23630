import { describe, expect, it } from "vitest";
import { ManualClock } from "../../../ordering/src/testing/manual-clock";
import { IntervalQueue } from "./interval-queue";

describe("IntervalQueue", () => {
  it("PUSH-4: each item is due once an interval, never later, with one timer for all", async () => {
    const clock = new ManualClock();
    const start = clock.now();
    const due = new Map<string, number[]>();
    const queue = new IntervalQueue<string>(clock, 1_000, (item) => {
      due.set(item, [...(due.get(item) ?? []), clock.now() - start]);
    });
    for (const [index, item] of ["a", "b", "c"].entries()) {
      await clock.advance(index * 100);
      queue.touch(item);
      expect(clock.pending).toBe(1);
    }
    await clock.advance(5_000);
    for (const times of due.values()) {
      expect(times.length).toBeGreaterThanOrEqual(4);
      for (const [index, time] of times.entries()) {
        expect(time - (times[index - 1] ?? time)).toBeLessThanOrEqual(1_000);
      }
    }
    queue.delete("a");
    queue.delete("b");
    expect(clock.pending).toBe(1);
    queue.clear();
    expect([clock.pending, queue.size]).toEqual([0, 0]);
  });

  it("POLL-6: an item that is touched is not due", async () => {
    const clock = new ManualClock();
    const due: string[] = [];
    const queue = new IntervalQueue<string>(clock, 1_000, (item) => {
      due.push(item);
      queue.delete(item);
    });
    queue.touch("quiet");
    queue.touch("busy");
    for (let round = 0; round < 5; round += 1) {
      await clock.advance(500);
      queue.touch("busy");
    }
    expect(due).toEqual(["quiet"]);
    await clock.advance(1_100);
    expect(due).toEqual(["quiet", "busy"]);
    expect(clock.pending).toBe(0);
  });

  it("goes on when the clock is set back by an hour", async () => {
    const clock = new ManualClock();
    let offset = 0;
    const wall = {
      now: () => clock.now() + offset,
      after: (ms: number, fn: () => void) => clock.after(ms, fn),
    };
    let due = 0;
    const queue = new IntervalQueue<string>(wall, 1_000, () => {
      due += 1;
    });
    queue.touch("a");
    offset = -3_600_000;
    await clock.advance(3_000);
    expect(due).toBe(3);
    queue.clear();
  });
});
