import type { Awaitable } from "./contracts";
import type { Batch } from "./reading";

/** One subscription's place in a view (rule 8): a position, no queue. Made by {@link View.reader}. */
export class Reader {
  /** All of the view at or before this number has been handed out by `take`. */
  get position(): number {
    throw new Error("not yet");
  }
  /**
   * The next items, at most `limit`. Never waits for new entries; waits for the log, and for the evaluation of entries
   * that are in the log until there is an item or the end is reached. Synchronous when log and evaluation are.
   *
   * @throws EventsError `closed` after `release` or when the view was closed; what the log throws.
   */
  take(_limit: number): Awaitable<Batch> {
    throw new Error("not yet");
  }
  /** As {@link take}, but does not wait for evaluation (for push: heartbeats go on while a slow `match` runs). */
  takeReady(_limit: number): Awaitable<Batch> {
    throw new Error("not yet");
  }
  /** Resolves when `takeReady` has an item or a hole to tell of, or on abort, `release` or close; never rejects. */
  changed(_signal?: AbortSignal): Promise<void> {
    throw new Error("not yet");
  }
  /** Gives the place up. Idempotent. */
  release(): void {
    throw new Error("not yet");
  }
}
