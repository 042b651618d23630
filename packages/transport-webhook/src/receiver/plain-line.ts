import { EventWindow } from "@mcp-events/ordering";

/** Events under way at most. */
const MAX_PENDING = 1_000;

/**
 * One line for a sender that gives no positions: in the order of arrival, one at a time, and once for each `eventId` as far
 * as the window reaches.
 */
export class PlainLine {
  readonly #window: EventWindow;
  readonly #pending = new Map<string, Promise<boolean>>();
  #tail: Promise<unknown> = Promise.resolve();
  #waiting = 0;
  #count = 0;

  constructor(capacity: number) {
    this.#window = new EventWindow(capacity);
  }

  /** `eventId`s that are done with, oldest first. */
  get recent(): string[] {
    return this.#window.between(0, this.#count);
  }

  /** Takes over what an earlier process was done with. */
  remember(eventIds: readonly string[]): void {
    for (const eventId of eventIds) this.#done(eventId);
  }

  /**
   * Runs `work` when everything that arrived before is done; true when it succeeded, or had before.
   *
   * @param eventId - `undefined` for what has none.
   * @param work - Never rejects.
   */
  run(eventId: string | undefined, work: () => Promise<boolean>): Promise<boolean> {
    if (eventId !== undefined && this.#window.has(eventId)) return Promise.resolve(true);
    const pending = eventId === undefined ? undefined : this.#pending.get(eventId);
    if (pending !== undefined) return pending;
    if (this.#waiting >= MAX_PENDING) return Promise.resolve(false);
    this.#waiting += 1;
    const result = this.#tail.then(work).then((done) => {
      this.#waiting -= 1;
      if (eventId === undefined) return done;
      this.#pending.delete(eventId);
      if (done) this.#done(eventId);
      return done;
    });
    if (eventId !== undefined) this.#pending.set(eventId, result);
    this.#tail = result;
    return result;
  }

  /** Resolves when nothing is under way. */
  async idle(): Promise<void> {
    await this.#tail;
  }

  #done(eventId: string): void {
    this.#count += 1;
    this.#window.add(eventId, this.#count);
  }
}
