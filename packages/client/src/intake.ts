import { type Arrival, type GapReason, Resequencer, type StoredPosition } from "@mcp-events/ordering";
import {
  activeSchema,
  type Clock,
  type DeliveryMode,
  EventsError,
  type Guarantee,
  heartbeatSchema,
  isOccurrence,
  type JsonObject,
  type Logger,
  type Occurrence,
  type OrderingMark,
  type OrderingPosition,
  occurrenceSchema,
  orderingPositionSchema,
  readOrdering,
  readOrderingMark,
} from "@mcp-events/protocol";
import { PLAIN_LOG, PlainNumbering } from "./plain-numbering";
import { readPage } from "./poll-page";

/** An event with the mode it came by. */
export interface Received {
  readonly occurrence: Occurrence;
  readonly mode: DeliveryMode;
}

/** What the request was that an answer answers. */
export interface Asked {
  readonly cursor: string | null;
  /** What to call it when events may lie between our position and an answer to a null cursor (rule 22). */
  readonly skipReason: GapReason;
}

/** What the poll loop has to know of a page. */
export interface PageSummary {
  readonly hasMore: boolean;
  readonly nextPollMs: number | undefined;
}

/** How an {@link Intake} is set up. */
export interface IntakeOptions {
  readonly guarantee: Guarantee;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly maxBuffered: number;
  readonly dedupeWindow: number;
  readonly stored?: StoredPosition | undefined;
  /** Where to begin when nothing is stored. */
  readonly cursor?: string | null | undefined;
}

/** Reads what a server sends, tolerantly, and brings it to the consumer; nothing that arrives makes it throw. */
export class Intake {
  readonly consumer: Resequencer<Received | undefined>;
  readonly #plain: PlainNumbering;
  readonly #logger: Logger;
  /** Something was skipped whose extent the next message with a position tells. */
  #pendingGap: GapReason | undefined;

  constructor(options: IntakeOptions) {
    const { stored, guarantee, clock, maxBuffered } = options;
    this.consumer = new Resequencer({
      guarantee,
      releaseAhead: false,
      clock,
      holdMs: 0,
      maxHeld: maxBuffered,
      state: stored?.state,
      cursor: stored?.cursor ?? options.cursor,
    });
    this.#plain = new PlainNumbering(options.dedupeWindow, stored?.recent);
    this.#logger = options.logger;
  }

  /** The cursor to read on from. */
  get cursor(): string | null {
    return this.consumer.releasedCursor;
  }

  /** What to store; `undefined` before there is a cursor, and for types without replay (CUR-3). */
  snapshot(): StoredPosition | undefined {
    const { committed, committedCursor: cursor, committedCursorAt } = this.consumer;
    if (cursor === null || committed === undefined) return undefined;
    if (committed.log !== PLAIN_LOG) return { version: 1, cursor, state: committed };
    const recent = this.#plain.between(committedCursorAt, committed.through);
    return recent.length > 0 ? { version: 1, cursor, recent } : { version: 1, cursor };
  }

  /** Takes `active`: the first message of a stream answers its request; a later one tells of a gap (PUSH-2, PUSH-6). False when malformed. */
  active(params: JsonObject, asked: Asked | undefined): boolean {
    const parsed = activeSchema.safeParse(params);
    if (!parsed.success) return this.#malformed("active", parsed.error.message);
    const { cursor, truncated, _meta } = parsed.data;
    const position = readOrdering(_meta, orderingPositionSchema);
    const skipped = asked === undefined ? undefined : this.#skipped(asked, cursor);
    if (asked === undefined && !truncated && position !== undefined) this.consumer.position(position, cursor);
    else this.#answer(position, cursor, truncated, skipped);
    return true;
  }

  /** Takes an event of a stream. False when there was no room: the stream has to be read again. */
  event(params: JsonObject, mode: DeliveryMode): boolean {
    const arrival = this.#arrival(params, mode);
    if (arrival === undefined) return true;
    const skipped = this.#takePendingGap();
    const at = this.consumer.released;
    const changesKind =
      at !== undefined && at.log !== arrival.mark.log && [at.log, arrival.mark.log].includes(PLAIN_LOG);
    if (skipped === undefined && !changesKind) return this.consumer.offer(arrival) !== "refused";
    this.consumer.answer({ truncated: false, skipped, events: [arrival] });
    return true;
  }

  /** Takes a position in quiet times (CUR-4). False when malformed. */
  heartbeat(params: JsonObject): boolean {
    const parsed = heartbeatSchema.safeParse(params);
    if (!parsed.success) return this.#malformed("heartbeat", parsed.error.message);
    this.position(readOrdering(parsed.data._meta, orderingPositionSchema), parsed.data.cursor);
    return true;
  }

  /** Takes the position of a message that ends a stream, or of a heartbeat. */
  position(position: OrderingPosition | undefined, cursor?: string | null): void {
    if (this.#pendingGap !== undefined) this.#answer(position, cursor, false, undefined);
    else if (position !== undefined) this.consumer.position(position, cursor);
    else if (this.#isPlain) this.consumer.position(this.#plain.position, cursor);
  }

  /**
   * Takes a poll result (POLL-1).
   *
   * @throws EventsError `transport_failed` (retryable) when it is not one.
   */
  page(result: JsonObject, asked: Asked): PageSummary {
    const page = readPage(result);
    if (page === undefined) {
      throw new EventsError("transport_failed", "the server's poll result is malformed", { retryable: true });
    }
    const { cursor, truncated, position, summary } = page;
    const skipped = this.#skipped(asked, cursor);
    const marked = page.events.every(
      (event) => readOrderingMark(event._meta) !== undefined || !isOccurrence(event),
    );
    if (marked && (position !== undefined || page.events.length > 0)) {
      this.#markedPage(page.events, position, cursor, truncated, skipped);
    } else {
      // Without positions nobody can say whether something lies between two polls of a type without replay.
      this.#answer(undefined, null, truncated, cursor === null ? undefined : skipped);
      for (const event of page.events) this.event(event, "poll");
      this.position(undefined, cursor);
    }
    return summary;
  }

  // ------------------------------------------------------------------ answers

  #answer(
    position: OrderingPosition | undefined,
    cursor: string | null | undefined,
    truncated: boolean,
    skipped: GapReason | undefined,
  ): void {
    const reason = skipped ?? this.#takePendingGap() ?? (truncated ? "truncated" : undefined);
    if (position !== undefined) {
      this.consumer.answer({ position, cursor, truncated, skipped: reason, events: [] });
    } else if (this.#isPlain) {
      if (reason !== undefined) this.#plain.gap();
      this.consumer.answer({
        position: this.#plain.position,
        cursor,
        truncated,
        skipped: reason,
        events: [],
      });
    } else this.#pendingGap = reason;
  }

  /** Unreadable events split a page: what they stood for is a gap up to the next readable one. */
  #markedPage(
    events: readonly JsonObject[],
    position: OrderingPosition | undefined,
    cursor: string | null,
    truncated: boolean,
    skipped: GapReason | undefined,
  ): void {
    let arrivals: Arrival<Received | undefined>[] = [];
    let reason = skipped;
    let isTruncated = truncated;
    for (const event of events) {
      const arrival = this.#arrival(event, "poll");
      if (arrival !== undefined) {
        arrivals.push(arrival);
        continue;
      }
      if (arrivals.length > 0) {
        this.consumer.answer({ truncated: isTruncated, skipped: reason, events: arrivals });
        isTruncated = false;
      }
      arrivals = [];
      reason = this.#takePendingGap();
    }
    const last = arrivals.at(-1);
    if (position === undefined && last === undefined) this.#pendingGap = reason;
    if (position === undefined && last !== undefined) arrivals[arrivals.length - 1] = { ...last, cursor };
    this.consumer.answer({ position, cursor, truncated: isTruncated, skipped: reason, events: arrivals });
  }

  /** A position was known, and the answer does not go on from it: what lies between is a gap (rule 22). */
  #skipped(asked: Asked, answered: string | null): GapReason | undefined {
    if (this.consumer.released === undefined) return undefined;
    return asked.cursor === null || answered === null ? asked.skipReason : undefined;
  }

  // ------------------------------------------------------------------ events

  /** `undefined` for a duplicate, and for what cannot be read: then a gap is pending. */
  #arrival(params: JsonObject, mode: DeliveryMode): Arrival<Received | undefined> | undefined {
    const given = readOrderingMark(params._meta);
    if (!isOccurrence(params)) {
      return this.#unreadable(given, occurrenceSchema.safeParse(params).error?.message ?? "");
    }
    const mark = given ?? this.#plain.mark(params.eventId);
    if (mark === undefined) return undefined;
    return { mark, item: { occurrence: params, mode }, cursor: params.cursor };
  }

  #unreadable(mark: OrderingMark | undefined, reason: string): Arrival<undefined> | undefined {
    this.#malformed("event", reason);
    if (mark !== undefined) return { mark, item: undefined, gap: "lost" };
    if (this.#isPlain) return { mark: this.#plain.gap(), item: undefined, gap: "lost" };
    this.#pendingGap = "lost";
    return undefined;
  }

  /** Whether the server is taken for one without the ordering extension. */
  get #isPlain(): boolean {
    const at = this.consumer.released;
    return at === undefined || at.log === PLAIN_LOG;
  }

  #takePendingGap(): GapReason | undefined {
    const reason = this.#pendingGap;
    this.#pendingGap = undefined;
    return reason;
  }

  #malformed(what: string, reason: string): false {
    this.#logger.warn(`a malformed ${what} was skipped`, { reason });
    return false;
  }
}
