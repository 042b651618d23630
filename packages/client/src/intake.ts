import {
  type Arrival,
  type GapReason,
  type Outcome,
  Resequencer,
  type StoredPosition,
  type Verdict,
} from "@mcp-events/ordering";
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
import { PLAIN, PLAIN_LOG, PlainNumbering } from "./plain-numbering";
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

/** What an {@link Intake} reads of a subscribe result. */
export interface Subscribed {
  readonly cursor: string | null;
  readonly truncated: boolean;
  readonly _meta?: JsonObject | undefined;
}

/** How an {@link Intake} is set up. */
export interface IntakeOptions {
  readonly guarantee: Guarantee;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly maxBuffered: number;
  readonly maxUncommitted: number;
  readonly dedupeWindow: number;
  readonly stored?: StoredPosition | undefined;
  /** Where to begin when nothing is stored. */
  readonly cursor?: string | null | undefined;
}

/**
 * `eventId`s that are stored in any case when events came by webhook: what a sender has under way at once lies after the
 * watermark that its bodies carry.
 */
const RECENT_TAIL = 64;

/** Reads what a server sends, tolerantly, and brings it to the consumer; nothing that arrives makes it throw. */
export class Intake {
  readonly consumer: Resequencer<Received | undefined>;
  readonly #plain: PlainNumbering;
  readonly #logger: Logger;
  readonly #maxBuffered: number;
  #byWebhook = false;
  /** The last gap of a server that gives no positions, to know a copy of it. */
  #gapAt: { readonly cursor: string; readonly seq: number } | undefined;
  /**
   * A page ended before the place of the consumer's cursor, and yet after what it stands for, as the watermarks of
   * webhooks do not tell their own place: reading goes on from the page's.
   */
  #further: { readonly than: string | null; readonly cursor: string } | undefined;
  /** Something was skipped whose extent the next message with a position tells. */
  #pendingGap: GapReason | undefined;

  constructor(options: IntakeOptions) {
    const { stored, guarantee, clock, maxBuffered, maxUncommitted } = options;
    this.consumer = new Resequencer({
      guarantee,
      releaseAhead: false,
      clock,
      holdMs: 0,
      maxHeld: maxBuffered,
      maxReleased: maxBuffered + maxUncommitted,
      state: stored?.state,
      cursor: stored?.cursor ?? options.cursor,
      recent: stored?.recent,
    });
    this.#plain = new PlainNumbering(options.dedupeWindow, stored?.recent);
    this.#logger = options.logger;
    this.#maxBuffered = maxBuffered;
  }

  /** The cursor to read on from. */
  get cursor(): string | null {
    const cursor = this.consumer.releasedCursor;
    return this.#further?.than === cursor ? this.#further.cursor : cursor;
  }

  /** What to store; `undefined` before there is a cursor, and for types without replay (CUR-3). */
  snapshot(): StoredPosition | undefined {
    const { committed, committedCursor: cursor, committedCursorAt } = this.consumer;
    if (cursor === null || committed === undefined) return undefined;
    if (committed.log !== PLAIN_LOG) {
      const { recent } = this.consumer;
      return { version: 1, cursor, state: committed, ...(recent.length > 0 && { recent }) };
    }
    const tail = this.#byWebhook ? committed.through - RECENT_TAIL : committedCursorAt;
    const recent = this.#plain.between(Math.min(committedCursorAt, tail), committed.through);
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
    return arrival === undefined || this.#take(arrival) !== "refused";
  }

  /**
   * Takes an event that a webhook delivered; `onOutcome` is called once, and not for what is held or handed out until that
   * is committed or refused (ORDERING rules 17, 20). A full intake refuses.
   */
  delivered(body: JsonObject, onOutcome: (outcome: Outcome) => void): Verdict {
    if (this.#isFull) return refuse(onOutcome);
    this.#byWebhook = true;
    const known = isOccurrence(body) ? this.#plain.numberOf(body.eventId) : undefined;
    const marked = readOrderingMark(body._meta) !== undefined;
    if (!marked && known !== undefined) return this.#awaitOutcome({ ...PLAIN, through: known }, onOutcome);
    const arrival = this.#arrival(body, "webhook");
    if (marked || isOccurrence(body)) {
      return arrival === undefined ? "duplicate" : this.#take({ ...arrival, onOutcome });
    }
    // It has no name by which a copy would be known: one gap is enough.
    if (arrival !== undefined) this.#take(arrival);
    onOutcome("committed");
    return "released";
  }

  /**
   * Takes a `gap` envelope (HOOK-11): with the place of an event, that one was given up (ORDERING rule 14); else events up
   * to its position were skipped (CUR-6).
   */
  gap(body: JsonObject, onOutcome: (outcome: Outcome) => void): Verdict {
    if (this.#isFull) return refuse(onOutcome);
    const cursor = typeof body.cursor === "string" ? body.cursor : null;
    const mark = readOrderingMark(body._meta);
    if (mark !== undefined) return this.#take({ mark, item: undefined, gap: "given_up", cursor, onOutcome });
    const position = readOrdering(body._meta, orderingPositionSchema);
    const at = this.consumer.released;
    const isOld = position !== undefined && at?.log === position.log && position.epoch < at.epoch;
    const isCopy = position === undefined && cursor !== null && cursor === this.#gapAt?.cursor;
    if (isCopy) return this.#awaitOutcome({ ...PLAIN, through: this.#gapAt?.seq ?? 0 }, onOutcome);
    if (!isOld) this.#answer(position, cursor, true, undefined);
    if (position !== undefined) return this.#awaitOutcome(position, onOutcome);
    const { position: plain } = this.#plain;
    if (cursor !== null && this.#isPlain) this.#gapAt = { cursor, seq: plain.through };
    return this.#awaitOutcome(plain, onOutcome);
  }

  /**
   * Takes the result of `events/subscribe`: as the answer to the cursor that was `asked`, or, without, as the settled
   * position of a subscription that lives (HOOK-4, CUR-4).
   */
  subscribed({ cursor, truncated, _meta }: Subscribed, asked: Asked | undefined): void {
    const position = readOrdering(_meta, orderingPositionSchema);
    const at = this.consumer.released;
    const goesOn = position === undefined || (at?.log === position.log && at.epoch === position.epoch);
    if (asked !== undefined || truncated || !goesOn) {
      this.#answer(
        position,
        cursor,
        truncated,
        asked === undefined ? undefined : this.#skipped(asked, cursor),
      );
    } else if (position !== undefined) this.consumer.settled(position, cursor);
    else if (this.#isPlain) this.consumer.settled(this.#plain.position, cursor);
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
    const before = this.consumer.releasedCursor;
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
    const isStill = cursor !== null && this.consumer.releasedCursor === before;
    this.#further = isStill && cursor !== before ? { than: before, cursor } : undefined;
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

  #take(arrival: Arrival<Received | undefined>): Verdict {
    const skipped = this.#takePendingGap();
    const at = this.consumer.released;
    const changesKind =
      at !== undefined && at.log !== arrival.mark.log && [at.log, arrival.mark.log].includes(PLAIN_LOG);
    if (skipped === undefined && !changesKind) return this.consumer.offer(arrival);
    this.consumer.answer({ truncated: false, skipped, events: [arrival] });
    return "released";
  }

  /** Waits for the outcome of what was handed out at a position; nothing waits in a log that was left. */
  #awaitOutcome(at: OrderingPosition, onOutcome: (outcome: Outcome) => void): Verdict {
    if (this.consumer.released?.log !== at.log) {
      onOutcome("committed");
      return "stale";
    }
    const mark = { log: at.log, epoch: at.epoch, seq: at.through, prev: at.through };
    return this.consumer.offer({ mark, item: undefined, onOutcome });
  }

  get #isFull(): boolean {
    return this.consumer.waiting >= this.#maxBuffered;
  }

  /** `undefined` for a duplicate, and for what cannot be read: then a gap is pending. */
  #arrival(params: JsonObject, mode: DeliveryMode): Arrival<Received | undefined> | undefined {
    const given = readOrderingMark(params._meta);
    if (!isOccurrence(params)) {
      return this.#unreadable(given, occurrenceSchema.safeParse(params).error?.message ?? "");
    }
    const mark = given ?? this.#plain.mark(params.eventId);
    if (mark === undefined) return undefined;
    const id = given === undefined ? undefined : params.eventId;
    return { mark, item: { occurrence: params, mode }, id, cursor: params.cursor };
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

function refuse(onOutcome: (outcome: Outcome) => void): Verdict {
  onOutcome("refused");
  return "refused";
}
