import { MAX_TIMER_MS } from "./names";

/** Time as the library sees it; injected, so that tests and the simulator own it. */
export interface Clock {
  /** Milliseconds since the Unix epoch. */
  now(): number;
  /** Calls `fn` once after `ms` milliseconds (clamped to 0 … 2^31 - 1); the returned function cancels it. */
  after(ms: number, fn: () => void): () => void;
}

/** The machine's own time. Its timers do not keep a Node process alive: what serves others ends with its sockets. */
export const systemClock: Clock = {
  now: () => Date.now(),
  after(ms, fn) {
    const timer: unknown = start(ms, fn);
    if (typeof timer === "object" && timer !== null && "unref" in timer) (timer as { unref(): void }).unref();
    return () => clearTimeout(timer as Timer);
  },
};

/** The machine's own time. Its timers keep a Node process alive: who waits for an event between two polls has nothing else. */
export const waitingClock: Clock = {
  now: () => Date.now(),
  after(ms, fn) {
    const timer = start(ms, fn);
    return () => clearTimeout(timer);
  },
};

type Timer = ReturnType<typeof setTimeout>;

function start(ms: number, fn: () => void): Timer {
  return setTimeout(fn, Math.min(Math.max(ms, 0), MAX_TIMER_MS));
}

/** Resolves after `ms` milliseconds on `clock`, or at once when `signal` aborts; never rejects. */
export function sleep(clock: Clock, ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const done = () => {
      cancel();
      signal?.removeEventListener("abort", done);
      resolve();
    };
    const cancel = clock.after(ms, done);
    signal?.addEventListener("abort", done, { once: true });
  });
}
