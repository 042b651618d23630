import { setTimeout as sleep } from "node:timers/promises";

/** Attempts, and the wait between two of them in milliseconds. */
const ATTEMPTS = 20;
const WAIT_MS = 100;

/**
 * Calls `attempt` until it succeeds, for what happens before the event client can retry by itself: connecting.
 *
 * @throws what the last attempt threw.
 */
export async function withRetries<T>(attempt: () => Promise<T>): Promise<T> {
  for (let left = ATTEMPTS - 1; ; left -= 1) {
    try {
      return await attempt();
    } catch (error) {
      if (left === 0) throw error;
      await sleep(WAIT_MS);
    }
  }
}
