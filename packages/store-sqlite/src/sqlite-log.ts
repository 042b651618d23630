import type {
  Appended,
  EventLog,
  LogPosition,
  LogSize,
  NewEntry,
  Page,
  ReadRequest,
  UpstreamAdvance,
  UpstreamState,
} from "@mcp-events/ordering";
import { EventsError } from "@mcp-events/protocol";
import type { EntryRow } from "./entry-row";
import { LogEntries } from "./log-entries";
import { LogGroups } from "./log-groups";
import { type LogState, LogStateRow } from "./log-state";
import type { ResolvedOptions } from "./options";
import type { SqliteFile } from "./sqlite-file";
import { stage } from "./staging";

/** Most entries that retention takes in one transaction: the rest goes in the next ones. */
const MOST_DROPPED = 5_000;
/** Age is looked at no more often than this part of it. */
const AGE_STEPS = 256;

/** What the file says of a log for good. */
export interface LogIdentity {
  readonly id: number;
  readonly name: string;
  readonly salt: string;
  readonly epoch: number;
}

/** One log in the file. Numbers are 1, 2, 3, … without holes. */
export class SqliteLog implements EventLog {
  readonly name: string;
  readonly salt: string;
  readonly #epoch: number;
  readonly #entries: LogEntries;
  readonly #groups: LogGroups;
  readonly #row: LogStateRow;
  readonly #listeners = new Set<(names: ReadonlySet<string>) => void>();
  /** Event types that the transaction under way appends. */
  #names: Set<string> | undefined;
  #state: LogState;
  /** When the age of the oldest was looked at last. */
  #agedAt = 0;

  constructor(
    private readonly file: SqliteFile,
    identity: LogIdentity,
    private readonly options: ResolvedOptions,
  ) {
    this.name = identity.name;
    this.salt = identity.salt;
    this.#epoch = identity.epoch;
    this.#entries = new LogEntries(file.db, identity.id);
    this.#groups = new LogGroups(file.db, identity.id, options);
    this.#row = new LogStateRow(file.db, identity.id);
    this.#state = this.#row.read();
    file.writer.onRollback(() => {
      this.#names = undefined;
      this.#state = this.#row.read();
    });
    this.#retainLater();
  }

  head(): LogPosition {
    return { epoch: this.#epoch, seq: this.#state.head };
  }

  size(): LogSize {
    this.#dropAged();
    const { head, dropped, bytes } = this.#state;
    return { entries: head - dropped, bytes };
  }

  append(
    entries: readonly NewEntry[],
    options?: { upstream?: UpstreamAdvance | undefined },
  ): Promise<readonly Appended[]> {
    if (this.file.closed) return Promise.reject(this.file.closedError("append"));
    return this.file.writer.write(() => this.#append(entries, options?.upstream), appendFailure);
  }

  read({ after, names, limit }: ReadRequest): Page {
    this.#dropAged();
    const { head } = this.#state;
    const from = Math.max(after, this.#dropped(names));
    const wanted = Math.max(limit, 0) + 1;
    const entries = this.#guard(() => (from >= head ? [] : this.#entries.read(names, from, wanted)));
    const more = entries.length === wanted;
    if (more) entries.pop();
    const through = more ? (entries.at(-1)?.seq ?? from) : Math.max(from, head);
    return { epoch: this.#epoch, entries, from, through, head, truncated: from > after };
  }

  seqBefore(time: number): number {
    this.#dropAged();
    const { dropped, droppedAt, head } = this.#state;
    const last = this.#guard(() => this.#entries.lastBefore(time, dropped, head));
    return last > dropped || droppedAt < time ? last : 0;
  }

  upstream(group: string): UpstreamState | undefined {
    return this.#guard(() => this.#groups.state(group));
  }

  locate(group: string, cursor: string | null, lastEventId?: string): number | undefined {
    return this.#guard(() =>
      lastEventId === undefined
        ? this.#groups.locate(group, cursor)
        : this.#entries.inGroup(lastEventId, group),
    );
  }

  watch(listener: (names: ReadonlySet<string>) => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  async truncate(): Promise<void> {
    this.file.requireOpen("truncate");
    await this.file.writer.write(() => this.#drop(this.#state.head));
  }

  // ------------------------------------------------------------------ within a transaction

  #append(entries: readonly NewEntry[], upstream: UpstreamAdvance | undefined): readonly Appended[] {
    if (upstream !== undefined) this.#groups.require(upstream);
    const state = this.#state;
    const before = state.head;
    const appendedAt = Math.max(Math.floor(this.options.clock.now()), state.lastAt);
    const { appended, rows } = stage(entries, this.#entries, {
      epoch: this.#epoch,
      head: before,
      appendedAt,
    });
    for (const row of rows) {
      this.#entries.add(row);
      state.bytes += row[5];
    }
    state.head += rows.length;
    if (rows.length > 0) {
      state.lastAt = appendedAt;
      state.oldestAt ??= appendedAt;
      this.file.writer.beforeCommit(this, () => this.#retain());
      this.#tellAfterCommit(rows);
    }
    if (upstream !== undefined) this.#groups.advance(upstream, entries, before, state.head);
    return appended;
  }

  /** Drops what is over the bounds, and writes the log's state. */
  #retain(): void {
    const { head, dropped, bytes } = this.#state;
    const { maxEntries, maxBytes } = this.options;
    let through = Math.max(dropped, head - maxEntries);
    if (bytes > maxBytes) through = Math.max(through, this.#entries.firstBytes(bytes - maxBytes, dropped));
    through = Math.max(Math.min(through, head - 1), this.#agedThrough());
    const now = Math.min(through, dropped + MOST_DROPPED);
    if (now > dropped) this.#drop(now);
    else this.#row.write(this.#state);
    if (now < through) this.file.writer.afterCommit(() => this.#retainLater());
  }

  #drop(through: number): void {
    const state = this.#state;
    if (through <= state.dropped) return;
    const { bytes, at, lastOfNames } = this.#entries.drop(through);
    state.bytes -= bytes;
    state.dropped = through;
    state.droppedAt = Math.max(at, state.droppedAt);
    state.oldestAt = this.#row.oldestAfter(through);
    for (const [name, seq] of lastOfNames) {
      state.droppedByName.set(name, seq);
      this.#row.writeDropped(name, seq);
    }
    this.#row.write(state);
  }

  // ------------------------------------------------------------------ age

  get #floor(): number {
    return this.options.clock.now() - this.options.maxAgeMs;
  }

  /** Number up to which entries are too old. */
  #agedThrough(): number {
    const { oldestAt, dropped, head } = this.#state;
    this.#agedAt = this.options.clock.now();
    const floor = this.#floor;
    if (oldestAt === undefined || oldestAt >= floor) return dropped;
    return this.#entries.lastBefore(floor, dropped, head);
  }

  /** Also a log that nobody appends to forgets what is too old. */
  #dropAged(): void {
    const { oldestAt } = this.#state;
    const { clock, maxAgeMs } = this.options;
    if (oldestAt === undefined || oldestAt >= this.#floor || this.file.closed) return;
    const since = clock.now() - this.#agedAt;
    if (since >= 0 && since < maxAgeMs / AGE_STEPS) return;
    this.#retainLater();
    this.file.writer.flush();
  }

  #retainLater(): void {
    if (this.file.closed) return;
    this.file.writer.write(() => this.#retain()).catch(() => {});
  }

  #dropped(names: readonly string[] | undefined): number {
    const { dropped, droppedByName } = this.#state;
    if (names === undefined) return dropped;
    return names.reduce((last, name) => Math.max(last, droppedByName.get(name) ?? 0), 0);
  }

  #guard<T>(fn: () => T): T {
    this.file.requireOpen(`log "${this.name}"`);
    return this.file.guard(fn);
  }

  /** All that one transaction appends is told of at once. */
  #tellAfterCommit(rows: readonly EntryRow[]): void {
    if (this.#names === undefined) {
      this.#names = new Set();
      this.file.writer.afterCommit(() => this.#notify());
    }
    for (const [, name] of rows) this.#names.add(name);
  }

  /** A listener's failure is its own: the entries are in the log. */
  #notify(): void {
    const names = this.#names ?? new Set();
    this.#names = undefined;
    for (const listener of this.#listeners) {
      try {
        listener(names);
      } catch {}
    }
  }
}

/** What a failing disk means for an append: its outcome is looked up before a retry (ORD-8). */
function appendFailure(error: unknown): unknown {
  if (!EventsError.is(error) || error.code !== "store_failed") return error;
  return new EventsError("append_failed", `append: ${error.message}`, { cause: error, retryable: true });
}
