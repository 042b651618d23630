import { type Outcome, type Release, Resequencer, type StoredPosition } from "@mcp-events/ordering";
import {
  type DeliveryOutcome,
  isOccurrence,
  type JsonObject,
  type Occurrence,
  type OrderingMark,
  type OrderingPosition,
  orderingPositionSchema,
  readOrdering,
  readOrderingMark,
} from "@mcp-events/protocol";
import { LaneRunner } from "./lane-runner";
import { endOf, itemOf, type OrderedItem } from "./ordered-item";
import { type OrderedHandlerOptions, type OrderedSettings, orderedSettings } from "./ordered-options";
import { PlainLine } from "./plain-line";
import { PositionWriter } from "./position-writer";

/** What `orderedHandler` makes. */
export interface OrderedHandler {
  /** Give it to `receiver.open({ key, take })`; it needs no `this`. */
  readonly take: (body: JsonObject) => Promise<DeliveryOutcome>;
  /** The cursor to subscribe from after a restart, once the first delivery came or {@link load} resolved; `null`: there is none. */
  readonly cursor: string | null;
  /** Reads the stored position; needed only to know {@link cursor} before the first delivery. Rejects as the store does. */
  load(): Promise<void>;
  /** Takes no more; resolves when nothing is with the handler. */
  close(): Promise<void>;
}

/**
 * Puts webhook deliveries in order for a receiver without an event client (ORDERING rules 15 to 20): duplicates are told by
 * position, and a delivery is accepted only once the handler is done with it and the position is stored. What waits longer
 * than `holdMs` for what is missing, and what the handler failed at, is sent again. What the sender says is settled and
 * never came is handed to the handler as a gap `lost`.
 *
 * @throws EventsError `option_invalid` naming the field.
 */
export function orderedHandler(options: OrderedHandlerOptions): OrderedHandler {
  return new Ordered(orderedSettings(options));
}

/** A gap envelope that waits until everything at or before it is committed. */
interface Reaching {
  readonly position: OrderingPosition;
  readonly tell: (outcome: Outcome) => void;
}

/** Shortest time between two looks at what is held, in milliseconds. */
const MIN_WAIT_MS = 10;

class Ordered implements OrderedHandler {
  readonly #settings: OrderedSettings;
  readonly #plain: PlainLine;
  readonly #writer: PositionWriter | undefined;
  #consumer: Resequencer<Occurrence>;
  #runner: LaneRunner;
  readonly take = (body: JsonObject): Promise<DeliveryOutcome> => this.#take(body);
  #plainCursor: string | null = null;
  #loading: Promise<void> | undefined;
  #reaching: Reaching[] = [];
  #cancelHold: (() => void) | undefined;
  #closed = false;

  constructor(settings: OrderedSettings) {
    this.#settings = settings;
    this.#plain = new PlainLine(settings.dedupeWindow);
    this.#consumer = this.#consumerOf(undefined);
    this.#runner = this.#runnerOf(this.#consumer);
    const { positions, key } = settings;
    if (positions !== undefined) this.#writer = new PositionWriter(positions, key, () => this.#snapshot());
  }

  get cursor(): string | null {
    return this.#consumer.committedCursor ?? this.#plainCursor;
  }

  async load(): Promise<void> {
    this.#loading ??= this.#load();
    try {
      await this.#loading;
    } catch (error) {
      this.#loading = undefined;
      throw error;
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#cancelHold?.();
    this.#consumer.refuseHeld(Number.POSITIVE_INFINITY);
    await Promise.all([this.#runner.idle(), this.#plain.idle()]);
  }

  async #take(body: JsonObject): Promise<DeliveryOutcome> {
    try {
      await this.load();
      if (this.#closed || !(await this.#handled(body))) return "retry";
      await this.#writer?.save();
      return "accepted";
    } catch (error) {
      this.#report("the position store failed", error);
      return "retry";
    }
  }

  async #load(): Promise<void> {
    const { positions, key } = this.#settings;
    const stored = await positions?.get(key);
    if (stored === undefined) return;
    this.#consumer = this.#consumerOf(stored);
    this.#runner = this.#runnerOf(this.#consumer);
    if (stored.state === undefined) this.#plain.remember(stored.recent ?? []);
    this.#plainCursor = stored.cursor;
  }

  #consumerOf(stored: StoredPosition | undefined): Resequencer<Occurrence> {
    const { guarantee, clock, holdMs } = this.#settings;
    return new Resequencer({
      guarantee,
      clock,
      holdMs,
      state: stored?.state,
      cursor: stored?.state === undefined ? undefined : stored.cursor,
      recent: stored?.recent,
    });
  }

  #runnerOf(consumer: Resequencer<Occurrence>): LaneRunner {
    const hand = (release: Release<Occurrence>) => this.#hand(itemOf(release));
    return new LaneRunner(consumer, this.#settings.guarantee, hand, () => this.#progress());
  }

  /** Whether the handler is done with what a body stands for. */
  #handled(body: JsonObject): Promise<boolean> {
    if (body.type === "terminated") return this.#end(body);
    const mark = readOrderingMark(body._meta);
    if (body.type === "gap")
      return mark === undefined ? this.#skipped(body) : this.#marked(mark, body, undefined);
    if (!isOccurrence(body)) return Promise.resolve(false);
    return mark === undefined ? this.#unmarked(body) : this.#marked(mark, body, body);
  }

  /** An event with a position, or the gap that took its place. */
  async #marked(mark: OrderingMark, body: JsonObject, event: Occurrence | undefined): Promise<boolean> {
    const cursor = typeof body.cursor === "string" ? body.cursor : undefined;
    const outcome = await new Promise<Outcome>((onOutcome) => {
      if (event !== undefined)
        this.#consumer.offer({ mark, item: event, id: event.eventId, cursor, onOutcome });
      else this.#consumer.offer({ mark, item: undefined as never, gap: "given_up", cursor, onOutcome });
      this.#loseUpTo(mark);
      this.#advance();
    });
    return outcome === "committed";
  }

  /**
   * What the sender has settled was accepted here, or given up; what was accepted is in the position, and its gap did not
   * come either: a sender in strict order lets one go in the end. There is nobody to ask for it.
   */
  #loseUpTo({ log, epoch, settled }: OrderingMark): void {
    const at = this.#consumer.released;
    if (settled === undefined || at === undefined || at.log !== log || at.epoch !== epoch) return;
    if (settled <= at.seq) return;
    const position = { log, epoch, through: settled };
    this.#consumer.answer({ position, truncated: true, skipped: "lost", events: [] });
  }

  /** A gap envelope that stands for no single event: everything before its position was skipped. */
  async #skipped(body: JsonObject): Promise<boolean> {
    const position = readOrdering(body._meta, orderingPositionSchema);
    const cursor = typeof body.cursor === "string" ? body.cursor : undefined;
    if (position === undefined) return this.#unmarkedGap(cursor);
    const at = this.#consumer.released;
    if (at !== undefined && at.log === position.log && position.epoch < at.epoch) return true;
    const outcome = await new Promise<Outcome>((tell) => {
      this.#consumer.answer({ position, cursor, truncated: true, events: [] });
      this.#reaching.push({ position, tell });
      this.#advance();
    });
    return outcome === "committed";
  }

  #unmarked(event: Occurrence): Promise<boolean> {
    return this.#plain.run(event.eventId, async () => {
      if (this.#closed || !(await this.#hand({ kind: "event", event }))) return false;
      this.#plainCursor = event.cursor ?? this.#plainCursor;
      return true;
    });
  }

  #unmarkedGap(cursor: string | undefined): Promise<boolean> {
    return this.#plain.run(undefined, async () => {
      if (this.#closed || !(await this.#hand({ kind: "gap", reason: "truncated" }))) return false;
      this.#plainCursor = cursor ?? this.#plainCursor;
      return true;
    });
  }

  /** The end comes after everything that was handed out. */
  #end(body: JsonObject): Promise<boolean> {
    return this.#plain.run(undefined, async () => {
      await this.#runner.idle();
      return this.#hand(endOf(body.error));
    });
  }

  async #hand(item: OrderedItem): Promise<boolean> {
    try {
      await this.#settings.handle(item);
      return true;
    } catch (error) {
      this.#report("the handler failed; the delivery will be sent again", error);
      return false;
    }
  }

  #advance(): void {
    this.#runner.pump();
    this.#progress();
  }

  #progress(): void {
    const done = this.#consumer.committed;
    const waiting = this.#consumer.uncommitted + this.#consumer.waiting;
    this.#reaching = this.#reaching.filter(({ position, tell }) => {
      const { log, epoch, through } = position;
      if (done?.log === log && (done.epoch > epoch || (done.epoch === epoch && done.through >= through))) {
        tell("committed");
        return false;
      }
      // Its gap was handed back by a failure.
      if (waiting > 0) return true;
      tell("refused");
      return false;
    });
    this.#watchHeld();
  }

  /** What is held longer than `holdMs` is sent again (rule 19). */
  #watchHeld(): void {
    this.#cancelHold?.();
    this.#cancelHold = undefined;
    const missing = this.#consumer.missing;
    if (missing === undefined || this.#closed) return;
    const { clock } = this.#settings;
    this.#cancelHold = clock.after(Math.max(missing.due - clock.now(), MIN_WAIT_MS), () => {
      this.#consumer.refuseHeld();
      this.#watchHeld();
    });
  }

  #snapshot(): StoredPosition {
    const { committed } = this.#consumer;
    const recent = [...this.#consumer.recent, ...this.#plain.recent];
    return {
      version: 1,
      cursor: this.cursor,
      ...(committed && { state: committed }),
      ...(recent.length > 0 && { recent }),
    };
  }

  #report(message: string, error: unknown): void {
    const reason = error instanceof Error ? error.message : String(error);
    this.#settings.logger.error(message, { key: this.#settings.key, reason });
  }
}
