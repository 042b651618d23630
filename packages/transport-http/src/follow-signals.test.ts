import { getEventListeners } from "node:events";
import { describe, expect, it } from "vitest";
import { followSignals } from "./follow-signals";

const listeners = (signal: AbortSignal) => getEventListeners(signal, "abort").length;

describe("followSignals", () => {
  it("aborts when either does", () => {
    const [one, other] = [new AbortController(), new AbortController()];
    const first = followSignals([one.signal, other.signal]);
    const second = followSignals([other.signal, undefined, null]);
    one.abort();
    expect([first.signal.aborted, second.signal.aborted]).toEqual([true, false]);
    other.abort();
    expect(second.signal.aborted).toBe(true);
  });

  it("is aborted from the start when one is", () => {
    expect(followSignals([AbortSignal.abort(), undefined]).signal.aborted).toBe(true);
  });

  it("leaves one listener on a signal that many follow, and none once all let go", () => {
    const { signal } = new AbortController();
    const followers = Array.from({ length: 500 }, () =>
      followSignals([new AbortController().signal, signal]),
    );
    expect(listeners(signal)).toBe(1);
    for (const { release } of followers.slice(1)) release();
    expect(listeners(signal)).toBe(1);
    followers[0]?.release();
    followers[0]?.release();
    expect(listeners(signal)).toBe(0);
  });

  it("no longer follows after release", () => {
    const source = new AbortController();
    const { signal, release } = followSignals([source.signal]);
    release();
    source.abort();
    expect(signal.aborted).toBe(false);
  });
});
