import type { Awaitable, EventLog, LogStore } from "@mcp-events/ordering";
import { type CursorPosition, type CursorSeal, decodeCursor, encodeCursor } from "@mcp-events/protocol";
import { AppendQueue } from "../emit/append-queue";
import { KeyTags } from "./key-tags";

const REMEMBERED_CURSORS = 256;

/** A log with what the server keeps beside it: the queue of appends, its cursors and its key tags. */
export class ServerLog {
  readonly queue: AppendQueue;
  #log: EventLog | undefined;
  #opening: Promise<EventLog> | undefined;
  #tags: KeyTags | undefined;
  readonly #cursors: { readonly epoch: number; readonly seq: number; readonly text: string }[] = [];

  constructor(
    readonly name: string,
    private readonly store: LogStore,
    private readonly seal: CursorSeal | undefined,
    maxPendingEmits: number,
  ) {
    this.queue = new AppendQueue(() => this.open(), maxPendingEmits);
  }

  /** The log; at once when it is open already. A failure is not remembered. */
  open(): Awaitable<EventLog> {
    if (this.#log !== undefined) return this.#log;
    this.#opening ??= this.#open();
    return this.#opening;
  }

  /** The log, when it was opened before. */
  get opened(): EventLog | undefined {
    return this.#log;
  }

  /** The cursor of a position of this log; equal positions cost once. */
  cursor(position: Omit<CursorPosition, "log">): string {
    const { epoch, seq, upstream } = position;
    if (upstream !== undefined) return encodeCursor({ log: this.name, epoch, seq, upstream }, this.seal);
    const slot = seq % REMEMBERED_CURSORS;
    const known = this.#cursors[slot];
    if (known?.seq === seq && known.epoch === epoch) return known.text;
    const text = encodeCursor({ log: this.name, epoch, seq }, this.seal);
    this.#cursors[slot] = { epoch, seq, text };
    return text;
  }

  /** What a cursor says; `undefined` when it is not one of this log (CUR-6). */
  read(cursor: string): CursorPosition | undefined {
    const position = decodeCursor(cursor, this.seal);
    return position?.log === this.name ? position : undefined;
  }

  /** The opaque tag of an ordering key; only once the log is open. */
  keyTag(key: string): string {
    this.#tags ??= new KeyTags(this.#log!.salt);
    return this.#tags.of(key);
  }

  async #open(): Promise<EventLog> {
    try {
      this.#log = await this.store.open(this.name);
      return this.#log;
    } finally {
      this.#opening = undefined;
    }
  }
}
