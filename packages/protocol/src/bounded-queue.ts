/**
 * A bounded hand-over from a callback to one reader: what is pushed is read in batches of whatever is there.
 * Nothing is dropped: when it is full, `push` answers false and the queue ends, once read, with the error it was given.
 */
export class BoundedQueue<T> implements AsyncIterable<readonly T[]> {
  #items: T[] = [];
  #end: { error?: unknown } | undefined;
  #wake: (() => void) | undefined;
  #room: { promise: Promise<void>; open: () => void } | undefined;

  constructor(
    readonly capacity: number,
    /** Makes the error that ends the queue when it overflows. */
    private readonly overflow: () => Error,
    /** Called once when the reader leaves before the end. */
    private readonly onLeave: () => void = () => {},
  ) {}

  /** Number of items waiting to be read. */
  get size(): number {
    return this.#items.length;
  }

  /** Adds an item; false when the queue has ended or overflows by it. */
  push(item: T): boolean {
    if (this.#end !== undefined) return false;
    if (this.#items.length >= this.capacity) {
      this.fail(this.overflow());
      return false;
    }
    this.#items.push(item);
    this.#wake?.();
    return true;
  }

  /** A promise that resolves when what waits was taken or the queue ended; `undefined` while fewer than `mark` items wait. */
  room(mark: number): Promise<void> | undefined {
    if (this.#items.length < mark || this.#end !== undefined) return undefined;
    if (this.#room === undefined) {
      let open = () => {};
      const promise = new Promise<void>((resolve) => {
        open = resolve;
      });
      this.#room = { promise, open };
    }
    return this.#room.promise;
  }

  #openRoom(): void {
    this.#room?.open();
    this.#room = undefined;
  }

  /** Ends the queue after what it holds. The first end counts. */
  close(): void {
    this.#end ??= {};
    this.#wake?.();
    this.#openRoom();
  }

  /** Ends the queue with an error after what it holds. The first end counts. */
  fail(error: unknown): void {
    this.#end ??= { error };
    this.#wake?.();
    this.#openRoom();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<readonly T[], void, void> {
    let finished = false;
    try {
      for (;;) {
        if (this.#items.length > 0) {
          const batch = this.#items;
          this.#items = [];
          this.#openRoom();
          yield batch;
        } else if (this.#end !== undefined) {
          finished = true;
          if ("error" in this.#end) throw this.#end.error;
          return;
        } else {
          await new Promise<void>((resolve) => {
            this.#wake = resolve;
          });
          this.#wake = undefined;
        }
      }
    } finally {
      this.#openRoom();
      if (!finished) this.onLeave();
    }
  }
}
