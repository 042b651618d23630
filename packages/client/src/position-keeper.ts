import type { PositionStore, StoredPosition } from "@mcp-events/ordering";
import { EventsError } from "@mcp-events/protocol";

/**
 * Stores one subscription's position: one write at a time, and each takes whatever is committed when it starts. A store
 * that answers at once is called before {@link PositionKeeper.save} returns.
 */
export class PositionKeeper {
  #saving: Promise<void> | undefined;
  #next: Promise<void> | undefined;
  #stored: string | undefined;

  constructor(
    private readonly store: PositionStore | undefined,
    readonly key: string,
    private readonly snapshot: () => StoredPosition | undefined,
  ) {}

  /** Whether there is anything to wait for. */
  get stores(): boolean {
    return this.store !== undefined;
  }

  /** @throws EventsError `position_store_failed` when it cannot be known what is stored. */
  async load(): Promise<StoredPosition | undefined> {
    try {
      return await this.store?.get(this.key);
    } catch (cause) {
      throw failed("read", cause);
    }
  }

  /**
   * Resolves when everything committed before the call is stored.
   *
   * @throws EventsError `position_store_failed` (retryable) when it is not; the next save tries again.
   */
  async save(): Promise<void> {
    if (this.store === undefined) return;
    if (this.#saving === undefined) return this.#write(this.store);
    this.#next ??= this.#saving.then(ignore, ignore).then(() => {
      this.#next = undefined;
      return this.save();
    });
    return this.#next;
  }

  #write(store: PositionStore): Promise<void> | undefined {
    const position = this.snapshot();
    if (position === undefined) return undefined;
    const text = JSON.stringify(position);
    if (text === this.#stored) return undefined;
    let result: void | Promise<void>;
    try {
      result = store.set(this.key, position);
    } catch (cause) {
      throw failed("write", cause);
    }
    if (!(result instanceof Promise)) {
      this.#stored = text;
      return undefined;
    }
    this.#saving = this.#finish(result, text);
    return this.#saving;
  }

  async #finish(result: Promise<void>, text: string): Promise<void> {
    try {
      await result;
      this.#stored = text;
    } catch (cause) {
      throw failed("write", cause);
    } finally {
      this.#saving = undefined;
    }
  }
}

function ignore(): void {}

function failed(what: string, cause: unknown): EventsError {
  if (EventsError.is(cause) && cause.code === "position_store_failed") return cause;
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new EventsError("position_store_failed", `the position store failed to ${what}: ${reason}`, {
    cause,
    retryable: true,
  });
}
