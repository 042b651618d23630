import type { JsonObject } from "@mcp-events/protocol";
import type { WebhookStore } from "./producer/webhook-store";

/** A value, or a promise of it: stores in memory answer at once. */
export type Awaitable<T> = T | Promise<T>;

/** A place in a log. */
export interface LogPosition {
  readonly epoch: number;
  readonly seq: number;
}

/** What an author hands to the log. */
export interface NewEntry {
  /** `gap`: stands where the upstream says it skipped events; it has no data of its own. */
  readonly kind: "event" | "gap";
  /** Name of the event type. */
  readonly name: string;
  readonly eventId: string;
  /** When it happened, ISO 8601; for people, never for order. */
  readonly timestamp: string;
  /** Kept by reference: whoever appends hands it over. */
  readonly data: JsonObject;
  /** Size of `data` as JSON, in bytes, where the author's side measured it already; the log measures it otherwise. */
  readonly dataBytes?: number | undefined;
  readonly orderingKey?: string | undefined;
  /** Who may see it: {@link audienceOf}; absent means everybody. */
  readonly audience?: string | undefined;
  /** Travels in `_meta` (trace context). */
  readonly meta?: JsonObject | undefined;
  /** Check-backed types: whose upstream, and its cursor before this batch. */
  readonly upstream?: { readonly group: string; readonly before: string | null } | undefined;
  /** `eventId` of the dead letter that this entry sends again. */
  readonly redriveOf?: string | undefined;
}

/** An entry with its number. */
export interface Entry extends NewEntry {
  readonly seq: number;
  /** When the log took it, in milliseconds; never less than the entry before. */
  readonly appendedAt: number;
  /** Size of the entry as the log counts it against its bound. */
  readonly bytes: number;
}

/** Where one new entry ended up. */
export interface Appended {
  readonly epoch: number;
  readonly seq: number;
  /** True when an entry with this `eventId` was there already; `seq` is that entry's. */
  readonly duplicate: boolean;
}

/** Moves the stored cursor of an upstream group, on the condition that it still stands at `from`. */
export interface UpstreamAdvance {
  readonly group: string;
  /** The cursor the upstream was asked from. `undefined`: the group must not exist yet. */
  readonly from: string | null | undefined;
  readonly to: string | null;
}

/** Where an upstream group stands. */
export interface UpstreamState {
  readonly cursor: string | null;
  /** A reader at or after this number is caught up with the upstream's cursor: the group has no entry after it. */
  readonly seq: number;
}

/** How much a log holds. */
export interface LogSize {
  readonly entries: number;
  /** As counted against the log's bound. */
  readonly bytes: number;
}

/** What {@link EventLog.read} is asked. */
export interface ReadRequest {
  /** Entries with a greater number. */
  readonly after: number;
  /** Only these event types; default: all. */
  readonly names?: readonly string[] | undefined;
  /** Most entries to return. */
  readonly limit: number;
}

/** A page of a log: all entries asked for in (`from`, `through`]. */
export interface Page {
  readonly epoch: number;
  readonly entries: readonly Entry[];
  /** Where the page effectively begins: the `after` asked for, or later when `truncated`. */
  readonly from: number;
  /** Everything asked for at or before this number is in this page or an earlier one. */
  readonly through: number;
  /** Number of the log's last entry. */
  readonly head: number;
  /** Entries asked for between `after` and `from` are gone: retention took them. */
  readonly truncated: boolean;
}

/**
 * An append-only sequence of events (ORDERING "The log"). Entries are visible in the order of their numbers, and only
 * when they are as durable as the store promises.
 */
export interface EventLog {
  readonly name: string;
  /** Mixed into hashes of ordering keys; the same for as long as the log lives. */
  readonly salt: string;
  /** The current epoch and the number of the last entry (0 when there is none). */
  head(): Awaitable<LogPosition>;
  /** How much the log holds now. */
  size(): Awaitable<LogSize>;
  /**
   * Appends entries in the order given, all or none. An `eventId` already in the log for the same audience is not
   * appended again (ORDERING rule 2).
   *
   * @param options - `upstream` makes the append conditional on the group's cursor and moves it; `entries` may then be empty.
   * @throws EventsError `event_id_conflict` when an `eventId` is known with a broader or narrower audience, or for
   * another event type; `append_conflict` (retryable) when the group's cursor is not at `from`; `append_failed` when the outcome is unknown.
   */
  append(
    entries: readonly NewEntry[],
    options?: { upstream?: UpstreamAdvance | undefined },
  ): Awaitable<readonly Appended[]>;
  /** Reads a page. A page never spans a hole: it ends before it, and the next one is `truncated` (rule 4). */
  read(request: ReadRequest): Awaitable<Page>;
  /** Number of the last entry appended before `time` (milliseconds); 0 when there is none (rule 4). */
  seqBefore(time: number): Awaitable<number>;
  /** State of an upstream group. */
  upstream(group: string): Awaitable<UpstreamState | undefined>;
  /**
   * The number of the group's entry from which a reader goes on that stands at upstream cursor `cursor` after
   * `lastEventId` of the batch that begins there; `undefined` when the log does not know (rule 6).
   */
  locate(group: string, cursor: string | null, lastEventId?: string): Awaitable<number | undefined>;
  /** Calls `listener` after each append with the names of the event types appended; the returned function stops it. */
  watch(listener: (names: ReadonlySet<string>) => void): () => void;
  /** Forgets all entries so far, as retention would; numbers go on. */
  truncate(): Awaitable<void>;
}

/** Opens logs by name; the same log for the same name. */
export interface LogStore {
  open(name: string): Awaitable<EventLog>;
  /** Whether logs outlive the process (ORD-7). */
  readonly durable: boolean;
  /** Where webhook subscriptions and dead letters are kept; without it, in the server's memory. */
  readonly webhooks?: WebhookStore | undefined;
  close(): Awaitable<void>;
}
