/** Messages after which a writer lets timers and sockets have a turn. */
const MESSAGES_PER_TURN = 64;

/**
 * Lets other work in while a writer writes much. Awaiting a write that succeeds at once yields only to microtasks, so
 * that without this nothing leaves the process (and no cancellation comes in) until the writer pauses.
 */
export class Turns {
  #messages = 0;

  /** Resolves, after a turn of the event loop when enough was written since the last one. */
  async wrote(messages: number): Promise<void> {
    this.#messages += messages;
    if (this.#messages < MESSAGES_PER_TURN) return;
    this.#messages = 0;
    await nextTurn();
  }
}

/** Resolves in the next turn of the event loop. */
export function nextTurn(): Promise<void> {
  const { setImmediate } = globalThis as { setImmediate?: (fn: () => void) => unknown };
  return new Promise((resolve) => {
    if (setImmediate !== undefined) setImmediate(resolve);
    else setTimeout(resolve, 0);
  });
}
