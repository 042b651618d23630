import type { Awaitable, Batch, ReadItem } from "@mcp-events/ordering";
import type { JsonObject, UpstreamPosition } from "@mcp-events/protocol";
import { occurrence, positionMeta } from "../wire/occurrence";
import type { ServerLog } from "../wire/server-log";
import type { Start } from "./start";
import type { Subscription } from "./subscription";
import type { Views } from "./views";

/** One subscription's reader, and what goes on the wire of what it reads: occurrences, cursors and positions. */
export class Feed {
  readonly #reader: ReturnType<Views["open"]>;
  readonly #group: string | undefined;
  #epoch: number;
  #continues: number | undefined;
  #upstream: UpstreamPosition | undefined;
  /** Where the log last said that the upstream stands. */
  #upstreamHead: { readonly cursor: string | null; readonly seq: number } | undefined;

  /** Opens a reader; the log must be open. */
  constructor(
    private readonly log: ServerLog,
    views: Views,
    private readonly subscription: Subscription,
    start: Start,
  ) {
    this.#epoch = start.epoch;
    this.#continues = start.continues;
    this.#upstream = start.upstream;
    this.#group = start.upstream?.group;
    this.#reader = views.open(log.opened!, subscription, start.after, start.last);
  }

  get epoch(): number {
    return this.#epoch;
  }

  /** The older epoch that this one goes on from without loss, while that holds. */
  get continues(): number | undefined {
    return this.#continues;
  }

  /** Everything of the view at or before this number was read. */
  get position(): number {
    return this.#reader.reader.position;
  }

  /** The next items; waits for the evaluation of what is in the log. */
  take(limit: number): Awaitable<Batch> {
    return this.#noted(this.#reader.reader.take(limit));
  }

  /** The next items that are evaluated. */
  takeReady(limit: number): Awaitable<Batch> {
    return this.#noted(this.#reader.reader.takeReady(limit));
  }

  /** Resolves when there is something to take, on abort and release. */
  changed(signal?: AbortSignal): Promise<void> {
    return this.#reader.reader.changed(signal);
  }

  /** An event as it goes out, without a cursor. */
  occurrence(item: ReadItem): JsonObject & { _meta: JsonObject } {
    const { type } = this.subscription;
    return occurrence({ type, log: this.log, epoch: this.#epoch, continues: this.#continues }, item);
  }

  /** The cursor of a position that the last batch, or its item, ended at; `null` for a type without replay (CUR-3). */
  cursor(seq: number): string | null {
    if (!this.subscription.type.replay) return null;
    return this.log.cursor({ epoch: this.#epoch, seq, upstream: this.upstreamAt(seq) });
  }

  /** The cursor of an item's own position, before it {@link passed}; `null` for a type without replay (CUR-3). */
  cursorAfter(item: ReadItem): string | null {
    if (!this.subscription.type.replay) return null;
    const { seq } = item.entry;
    const upstream = this.#isAtHead(seq) ? this.upstreamAt(seq) : this.#upstreamAfter(item);
    return this.log.cursor({ epoch: this.#epoch, seq, upstream });
  }

  /** Notes that everything up to an item went out, which is where an upstream goes on from. */
  passed(item: ReadItem): void {
    this.#upstream = this.#upstreamAfter(item);
  }

  /** Check-backed types: where the upstream stood at a position. */
  upstreamAt(seq: number): UpstreamPosition | undefined {
    if (this.#group === undefined) return undefined;
    return this.#isAtHead(seq) ? { group: this.#group, cursor: this.#upstreamHead!.cursor } : this.#upstream;
  }

  /** `_meta` of a message that carries a position. */
  positionMeta(through: number): JsonObject {
    return positionMeta(this.log, this.#epoch, through);
  }

  /** Gives the reader up. */
  release(): void {
    this.#reader.release();
  }

  #noted(batch: Awaitable<Batch>): Awaitable<Batch> {
    return batch instanceof Promise ? batch.then((read) => this.#note(read)) : this.#note(batch);
  }

  #note(batch: Batch): Awaitable<Batch> {
    if (batch.truncated !== undefined || batch.epoch !== this.#epoch) this.#continues = undefined;
    this.#epoch = batch.epoch;
    return this.#group === undefined ? batch : this.refresh().then(() => batch);
  }

  /** Learns where the upstream stands, so that {@link cursor} says it. */
  async refresh(): Promise<void> {
    if (this.#group === undefined) return;
    this.#upstreamHead = await this.log.opened!.upstream(this.#group);
  }

  #isAtHead(seq: number): boolean {
    return this.#upstreamHead !== undefined && seq >= this.#upstreamHead.seq;
  }

  #upstreamAfter({ entry }: ReadItem): UpstreamPosition | undefined {
    if (entry.upstream === undefined || entry.upstream.group !== this.#group) return this.#upstream;
    const { group, before } = entry.upstream;
    if (entry.kind === "event") return { group, cursor: before, lastEventId: entry.eventId };
    return this.#upstream?.cursor === before ? this.#upstream : { group, cursor: before };
  }
}
