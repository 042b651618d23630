import type { NewEntry, Page, ReadRequest, UpstreamAdvance, UpstreamState } from "@mcp-events/ordering";
import { Deque, EventIds, NameIndex, UpstreamGroups } from "@mcp-events/ordering/store-kit";
import { EventsError } from "@mcp-events/protocol";
import type { Checkpoint } from "./checkpoint";
import { type Batch, type Kept, wholeEntry } from "./kept";
import { LastOfNames } from "./last-of-names";
import { lastNumberOf, numberOf } from "./numbers";

const MAX_GROUPS = 10_000;
const MAX_CURSORS = 100_000;
const ENTRY_OVERHEAD_BYTES = 200;
/** A batch is judged by at most so many messages before it; one whose writer had read less is written anew. */
const JUDGED_BY = 1_024;

/** What became of a batch. */
export type Verdict =
  | { readonly kind: "taken"; readonly numbers: readonly { seq: number; duplicate: boolean }[] }
  | { readonly kind: "refused"; readonly error: unknown }
  /** Its writer knew another epoch, or too little of this one: nothing of it is in the log. */
  | { readonly kind: "stale" };

/** A page whose entries may still have to be fetched. */
export interface KeptPage extends Omit<Page, "entries"> {
  readonly entries: readonly Kept[];
}

/** What a {@link Mirror} keeps to. */
export interface MirrorBounds {
  readonly maxEntries: number;
  /** How long an entry is kept, in milliseconds. */
  readonly maxAgeMs: number;
  /** How many bytes of entries are kept in memory. */
  readonly cacheBytes: number;
}

/**
 * What a replica knows of a log: the stream's batches, applied one after the other. Every replica comes to the same
 * verdict on each batch, whenever it began to read: a batch was checked by its writer against all messages up to `seen`,
 * and is checked here against those between `seen` and itself only (decision 0015).
 */
export class Mirror {
  readonly #entries = new Deque<Kept>();
  readonly #byName = new NameIndex<Kept>();
  readonly #ids = new EventIds<Kept>();
  readonly #lastOf = new LastOfNames();
  readonly #groups = new UpstreamGroups(MAX_GROUPS, MAX_CURSORS);
  /** Entries of the latest messages, whatever retention does to them: batches are judged by these. */
  readonly #recent = new Deque<Kept>();
  readonly #recentIds = new EventIds<Kept>();
  /** In which message each upstream group moved last. */
  readonly #moves = new Map<string, number>();
  /** Messages at or before this one were not seen by this replica. */
  #unseen = 0;
  /** Ids and groups of batches that could not be judged, with the message. */
  readonly #unjudged = new Map<string, number>();
  #applied = 0;
  #head = 0;
  #lastDropped = 0;
  #lastDroppedAt = 0;
  #lastAppendedAt = 0;
  /** The last message of which an entry was dropped because there were too many. */
  #beyond = 0;
  #bytes = 0;
  #cached = 0;
  /** Index of the oldest entry that is in memory. */
  #cachedFrom = 0;

  constructor(
    private readonly bounds: MirrorBounds,
    readonly epoch: number,
    /** The stream's last message when the epoch began. */
    private readonly base: number,
  ) {}

  /** The message of the stream that was applied last. */
  get applied(): number {
    return this.#applied;
  }

  get head(): number {
    return this.#head;
  }

  get size(): { entries: number; bytes: number } {
    return { entries: this.#entries.size, bytes: this.#bytes };
  }

  /** Begins with the stream's message `first`, knowing what a checkpoint says of those before. */
  begin(first: number, checkpoint: Checkpoint): void {
    this.#applied = first - 1;
    this.#unseen = first - 1;
    const floor = first <= 1 ? 0 : lastNumberOf(first - 1);
    for (const { name, seq } of checkpoint.names) this.#lastOf.note(name, seq);
    this.#lastOf.noteOthers(checkpoint.others);
    for (const { group, cursor, seq } of checkpoint.groups) this.#groups.restore(group, { cursor, seq });
    if (checkpoint.through < first - 1) {
      this.#dropped(floor, 0);
      this.#byName.noteAnyDropped(floor);
      return;
    }
    for (const { name, seq: last } of checkpoint.names) {
      const seq = Math.min(last, floor);
      this.#byName.noteDropped(name, seq);
      this.#dropped(seq, 0);
    }
    if (checkpoint.others > 0) this.#byName.noteAnyDropped(Math.min(checkpoint.others, floor));
  }

  /** Notes a message that holds no batch, or not the end of one. */
  passed(message: number): void {
    this.#applied = message;
  }

  /** Messages before `first` are gone from the stream, some of them unread: no page may span that. */
  hole(first: number): void {
    this.#unseen = first - 1;
    this.#applied = first - 1;
    this.#forgetAll(lastNumberOf(first - 1));
  }

  /** Applies the next batch of the stream. `undefined`: it cannot be judged, and counts as taken by retention. */
  apply(batch: Batch): Verdict | undefined {
    this.#applied = batch.last;
    if (batch.epoch !== this.epoch && batch.last > this.base) return { kind: "stale" };
    if (batch.seen <= batch.last - JUDGED_BY) return { kind: "stale" };
    this.#forgetRecent(batch.last - JUDGED_BY);
    if (!this.#isJudgeable(batch)) {
      for (const key of keysOf(batch)) this.#unjudged.set(key, batch.last);
      this.#forgetAll(lastNumberOf(batch.last));
      return undefined;
    }
    try {
      return { kind: "taken", numbers: this.#take(batch) };
    } catch (error) {
      return { kind: "refused", error };
    }
  }

  /**
   * The entry that has the id already.
   *
   * @throws EventsError `event_id_conflict`.
   */
  find(entry: NewEntry): Kept | undefined {
    return this.#ids.find(entry, () => true);
  }

  /** @throws EventsError `append_conflict` when the group does not stand at `from`. */
  require(advance: UpstreamAdvance): void {
    this.#groups.require(advance);
  }

  upstream(group: string): UpstreamState | undefined {
    return this.#groups.state(group);
  }

  locate(group: string, cursor: string | null, lastEventId?: string): number | undefined {
    if (lastEventId === undefined) return this.#groups.locate(group, cursor);
    return this.#ids.findInGroup(lastEventId, group)?.seq;
  }

  read({ after, names, limit }: ReadRequest): KeptPage {
    const dropped = names === undefined ? this.#lastDropped : this.#byName.lastDropped(names);
    const from = Math.max(after, dropped);
    const wanted = Math.max(limit, 0) + 1;
    const entries =
      names === undefined ? this.#readAll(from, wanted) : this.#byName.read(names, from, wanted);
    const more = entries.length === wanted;
    if (more) entries.pop();
    const through = more ? (entries.at(-1)?.seq ?? from) : Math.max(from, this.#head);
    return { epoch: this.epoch, entries, from, through, head: this.#head, truncated: from > after };
  }

  seqBefore(time: number): number {
    const index = this.#entries.search((entry) => entry.appendedAt >= time);
    const last = this.#entries.at(index - 1);
    if (last !== undefined) return last.seq;
    return this.#lastDroppedAt < time ? this.#lastDropped : 0;
  }

  /** Retention took the messages before `first`. */
  dropBefore(first: number): void {
    for (;;) {
      const oldest = this.#entries.at(this.#entries.first);
      if (oldest === undefined || oldest.first >= first) return;
      this.#dropOldest();
    }
  }

  /** Drops what is older than the log keeps things. */
  dropAged(now: number): void {
    const floor = now - this.bounds.maxAgeMs;
    for (;;) {
      const oldest = this.#entries.at(this.#entries.first);
      if (oldest === undefined || oldest.appendedAt >= floor) return;
      this.#dropOldest();
    }
  }

  /** No message before this one is needed: what they hold is beyond `maxEntries`. */
  get needed(): number {
    const oldest = this.#entries.at(this.#entries.first);
    return oldest === undefined ? 0 : Math.min(oldest.first, this.#beyond + 1);
  }

  /** Names of the event types that have, or had, entries. */
  names(): Set<string> {
    return new Set(this.#lastOf.all().map(({ name }) => name));
  }

  /** What a replica that begins later has to know of what is gone by then. */
  summary(): Pick<Checkpoint, "through" | "names" | "others" | "groups"> {
    const groups = [...this.#groups.all()].map(([group, { cursor, seq }]) => ({ group, cursor, seq }));
    return { through: this.#applied, names: this.#lastOf.all(), others: this.#lastOf.others, groups };
  }

  /** A batch is judged by what came between its `seen` and itself; this replica has to have seen that. */
  #isJudgeable(batch: Batch): boolean {
    if (batch.seen < this.#unseen) return false;
    if (this.#unjudged.size === 0) return true;
    return keysOf(batch).every((key) => (this.#unjudged.get(key) ?? -1) <= batch.seen);
  }

  #take(batch: Batch): { seq: number; duplicate: boolean }[] {
    const { upstream, seen, last } = batch;
    const isLater = (known: Kept) => known.last > seen;
    if (upstream !== undefined && (this.#moves.get(upstream.group) ?? 0) > seen) throw moved(upstream);
    const known = batch.entries.map(({ entry }) => this.#recentIds.find(entry, isLater));
    const before = this.#head;
    const appendedAt = Math.max(batch.at, this.#lastAppendedAt);
    const numbers = batch.entries.map(({ entry, bytes, place }, index) => {
      const duplicateOf = known[index];
      if (duplicateOf !== undefined) return { seq: duplicateOf.seq, duplicate: true };
      const seq = numberOf(last, index);
      const size = bytes + ENTRY_OVERHEAD_BYTES;
      this.#add({
        seq,
        name: entry.name,
        eventId: entry.eventId,
        audience: entry.audience,
        upstream: entry.upstream,
        appendedAt,
        bytes: size,
        place,
        first: batch.first,
        last,
        entry: wholeEntry(entry, { seq, appendedAt, bytes: size }),
      });
      return { seq, duplicate: false };
    });
    if (upstream !== undefined) {
      const entries: Pick<NewEntry, "upstream">[] = batch.entries.map(({ entry }) => entry);
      if (batch.repeats) entries.push({});
      this.#groups.advance(upstream, entries, before, this.#head);
      this.#noteMove(upstream.group, last);
    }
    while (this.#entries.size > this.bounds.maxEntries) {
      this.#beyond = this.#entries.at(this.#entries.first)!.last;
      this.#dropOldest();
    }
    this.#evict();
    return numbers;
  }

  #add(kept: Kept): void {
    this.#entries.push(kept);
    this.#byName.add(kept);
    this.#ids.add(kept);
    this.#recent.push(kept);
    this.#recentIds.add(kept);
    this.#lastOf.note(kept.name, kept.seq);
    this.#head = kept.seq;
    this.#lastAppendedAt = kept.appendedAt;
    this.#bytes += kept.bytes;
    this.#cached += kept.bytes;
  }

  #forgetRecent(through: number): void {
    for (;;) {
      const oldest = this.#recent.at(this.#recent.first);
      if (oldest === undefined || oldest.last > through) return;
      this.#recentIds.drop(oldest);
      this.#recent.shift();
    }
  }

  #noteMove(group: string, message: number): void {
    this.#moves.delete(group);
    this.#moves.set(group, message);
    if (this.#moves.size > MAX_GROUPS) this.#moves.delete(this.#moves.keys().next().value!);
  }

  /** Lets go of the oldest entries in memory; they are fetched when somebody asks. */
  #evict(): void {
    this.#cachedFrom = Math.max(this.#cachedFrom, this.#entries.first);
    while (this.#cached > this.bounds.cacheBytes && this.#cachedFrom < this.#entries.end - 1) {
      const kept = this.#entries.at(this.#cachedFrom)!;
      this.#cachedFrom += 1;
      if (kept.entry === undefined) continue;
      kept.entry = undefined;
      this.#cached -= kept.bytes;
    }
  }

  #dropOldest(): void {
    const kept = this.#entries.shift()!;
    this.#byName.drop(kept);
    this.#ids.drop(kept);
    this.#bytes -= kept.bytes;
    if (kept.entry !== undefined) this.#cached -= kept.bytes;
    this.#dropped(kept.seq, kept.appendedAt);
  }

  #forgetAll(through: number): void {
    while (this.#entries.size > 0) this.#dropOldest();
    this.#dropped(through, this.#lastDroppedAt);
    this.#byName.noteAnyDropped(through);
  }

  #dropped(seq: number, at: number): void {
    this.#lastDropped = Math.max(this.#lastDropped, seq);
    this.#lastDroppedAt = Math.max(this.#lastDroppedAt, at);
    this.#head = Math.max(this.#head, seq);
  }

  #readAll(from: number, limit: number): Kept[] {
    const entries: Kept[] = [];
    let index = this.#entries.search((entry) => entry.seq > from);
    for (; entries.length < limit && index < this.#entries.end; index += 1) {
      entries.push(this.#entries.at(index)!);
    }
    return entries;
  }
}

/** What a batch can meet another one in. */
function keysOf(batch: Batch): string[] {
  const keys = batch.entries.map(({ entry }) => `id ${entry.eventId}`);
  if (batch.upstream !== undefined) keys.push(`group ${batch.upstream.group}`);
  return keys;
}

function moved({ group }: UpstreamAdvance): EventsError {
  return new EventsError(
    "append_conflict",
    `append: upstream group ${group} was moved by another replica; check again from where it stands`,
    { retryable: true },
  );
}
