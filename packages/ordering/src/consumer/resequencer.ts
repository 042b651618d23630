import type { OrderingMark, OrderingPosition } from "@mcp-events/protocol";
import type { LogPosition } from "../contracts";
import type { Answer, Missing } from "./answer";
import type { ConsumerState } from "./consumer-state";
import type { Era } from "./era";
import { Eras, type Place } from "./eras";
import { addWaiter, type Held, HeldBuffer, tell } from "./held-buffer";
import { Ledger, type LedgerEntry } from "./ledger";
import {
  type Arrival,
  type GapReason,
  laneOf,
  type Outcome,
  placeOfCursor,
  type Release,
  releaseOf,
  type Verdict,
} from "./release";
import { duplicate, mayFailAlone, repeat, stale } from "./repeats";
import {
  type ChannelOptions,
  channelSettings,
  type ResequencerOptions,
  type ResequencerSettings,
  resequencerSettings,
} from "./resequencer-options";

/**
 * The consumer of ORDERING rules 15 to 22: takes events as they arrive, in whatever order and however often, and hands
 * them out in order, once, with what is missing as gaps in their place. No I/O: the caller takes releases, commits or
 * fails them, stores {@link Resequencer.committed}, and asks the server for what is {@link Resequencer.missing}.
 *
 * `Arrival.onOutcome` must not call back into the consumer.
 */
export class Resequencer<T> {
  #settings: ResequencerSettings;
  readonly #ledger = new Ledger<T>();
  readonly #held = new HeldBuffer<T>();
  readonly #eras: Eras;
  /** What lies at or before it did not come, although a position said so. */
  #doubted: number | undefined;

  /** @throws EventsError `option_invalid` when a bound is not positive. */
  constructor(options: ResequencerOptions = {}) {
    this.#settings = resequencerSettings(options);
    this.#eras = new Eras(options.state, options.cursor, options.recent);
  }

  /** `P`: everything of the view at or before it was handed out; `undefined` before first contact. */
  get released(): (LogPosition & { readonly log: string }) | undefined {
    return this.#eras.current?.position;
  }

  /** What to store (`C` and what is committed ahead of it); `undefined` before there is any. */
  get committed(): ConsumerState | undefined {
    return this.#eras.committed;
  }

  /** The cursor to store with {@link committed}: at or before `C`. Never goes back to `null` (rule 22). */
  get committedCursor(): string | null {
    return this.#eras.committedCursor?.cursor ?? null;
  }

  /**
   * Ids of what is committed after {@link committedCursor}, oldest first, where arrivals have ids; to be stored with it:
   * after a restart a new epoch may go on from that cursor.
   */
  get recent(): string[] {
    return this.#eras.recent;
  }

  /** The position that {@link committedCursor} stands for; -1 when it is the one this consumer or era began with. */
  get committedCursorAt(): number {
    return this.#eras.committedCursor?.at ?? -1;
  }

  /** The cursor from which to read on while this consumer lives: at or before `P`. */
  get releasedCursor(): string | null {
    return this.#eras.releasedCursor;
  }

  /** Number of releases that {@link take} would hand out. */
  get waiting(): number {
    return this.#ledger.waiting;
  }

  /** Number of releases taken and not committed. */
  get uncommitted(): number {
    return this.#ledger.taken;
  }

  /** What is known to be missing; `undefined` when nothing is. */
  get missing(): Missing | undefined {
    const lowest = this.#held.lowest();
    const position = this.released?.seq ?? 0;
    if (lowest === undefined) {
      const until = this.#doubted;
      return until === undefined || until <= position
        ? undefined
        : { until, due: this.#settings.clock.now() };
    }
    const { prev, settled } = lowest.arrival.mark;
    const behind = settled !== undefined && settled > position;
    return { until: prev, due: lowest.since + (behind ? 0 : this.#settings.holdMs) };
  }

  /**
   * Another channel carries the events from now on, and begins at or before {@link releasedCursor}: what is held is
   * refused, and what is missing is that channel's to bring. What was handed out ahead stays so.
   *
   * @throws EventsError `option_invalid` when `holdMs` is negative.
   */
  channel(channel: ChannelOptions): void {
    this.#settings = { ...this.#settings, ...channelSettings(this.#settings.guarantee, channel) };
    this.#doubted = undefined;
    this.#held.drop("refused");
  }

  /** Takes an event, or a gap that stands for one, from a stream or a webhook (rules 15 to 19). */
  offer(arrival: Arrival<T>): Verdict {
    const era = this.#eraOf(arrival.mark);
    if (era === undefined) return stale(this.#ledger, this.#eras, arrival);
    const { settled, seq } = arrival.mark;
    if (settled !== undefined && !this.#settings.stores) this.#settle(era, settled);
    if (era.handled.covers(seq)) return duplicate(this.#ledger, era, arrival);
    if (!era.fits(arrival.mark, this.#settings)) return this.#hold(arrival);
    const full = this.#ledger.entries.length >= this.#settings.maxReleased;
    if (arrival.onOutcome !== undefined && (full || mayFailAlone(this.#ledger, era, arrival, this.#settings)))
      return this.#refuse(arrival);
    this.#release(era, arrival, this.#held.take(seq)?.waiters ?? []);
    this.#drain(era);
    return "released";
  }

  /** Takes the server's answer to our latest request: it is believed, whatever epoch it is of (rules 15, 21). */
  answer(answer: Answer<T>): void {
    const place = answer.position ?? answer.events[0]?.mark;
    if (place === undefined) return;
    const start = answer.events[0]?.mark.prev ?? answer.position?.through ?? 0;
    const reason = answer.skipped ?? (answer.truncated ? "truncated" : undefined);
    const era = this.#eras.current;
    if (era === undefined) this.#begin(place, start, reason);
    else if (!era.is(place)) this.#begin(place, start, reason === undefined ? undefined : "reset");
    else if (reason !== undefined) this.#skip(era, start, reason);
    for (const arrival of answer.events) this.#offerAnswered(arrival);
    if (answer.position !== undefined) this.#reach(answer.position, answer.cursor);
  }

  /** Takes a position that travels behind the events of the same stream: a heartbeat, the end of a stream (CUR-4). */
  position(position: OrderingPosition, cursor?: string | null): void {
    const era = this.#eras.current;
    if (era === undefined || !era.is(position)) {
      if (!this.#eras.isNewer(position)) return;
      const begun = this.#begin(position, position.through, era === undefined ? undefined : "reset");
      begun.trail.note(position.through, cursor);
      return;
    }
    if (this.#contradicts(era, position.through)) return;
    era.raise(position.through);
    era.trail.note(position.through, cursor);
    this.#drain(era);
  }

  /** Takes a settled position (webhook): what lies at or before it was accepted from us before, or given up. */
  settled(position: OrderingPosition, cursor?: string | null): void {
    const era = this.#eras.current;
    if (era === undefined || !era.is(position)) return;
    this.#settle(era, position.through);
    era.trail.note(position.through, cursor);
  }

  /** What is {@link missing} is lost: it becomes a gap, after recovery failed (rule 19). */
  giveUp(): void {
    const era = this.#eras.current;
    const { missing } = this;
    if (era === undefined || missing === undefined) return;
    this.#gap(era, missing.until, "lost");
    this.#drain(era);
  }

  /** Refuses what was held for `holdMs`, for a receiver that does not recover (rule 19). Returns how many. */
  refuseHeld(now = this.#settings.clock.now()): number {
    return this.#held.drop("refused", (held) => held.since + this.#settings.holdMs <= now);
  }

  /** The next release in order. */
  take(): Release<T> | undefined {
    return this.#ledger.take()?.release;
  }

  /** What {@link take} would hand out next, left where it is. */
  peek(): Release<T> | undefined {
    return this.#ledger.peek()?.release;
  }

  /** What was taken and not committed is handed out again, for a reader that keeps it in memory. */
  rewind(): void {
    this.#ledger.rewind();
  }

  /**
   * The release and everything handed out before it in its lane is done with (rule 20). Gaps that all lanes share count
   * with any lane.
   *
   * @returns false when it was committed or returned before.
   */
  commit(release: Release<T>): boolean {
    const index = this.#ledger.indexOf(release);
    const entry = this.#ledger.entries[index];
    if (entry === undefined) return false;
    const floor = this.#eras.open(entry.era);
    const removed = this.#ledger.remove(
      index + 1,
      (other) => other.era.index < floor || other.lane === entry.lane || other.lane === undefined,
    );
    for (const { era, ranges, waiters } of removed) {
      for (const [after, through] of ranges) era.done.add(after, through);
      tell(waiters, "committed");
    }
    this.#eras.close();
    return true;
  }

  /**
   * The handler of a release failed: its lane returns to the committed state, and whatever was released or held in it is
   * refused, so that the sender sends it again (rule 20).
   */
  fail(release: Release<T>): void {
    const entry = this.#ledger.entries[this.#ledger.indexOf(release)];
    if (entry === undefined) return;
    const { lane } = entry;
    const whole = this.#settings.guarantee === "subscription" || lane === undefined;
    const removed = this.#ledger.remove(Number.POSITIVE_INFINITY, (other) => whole || other.lane === lane);
    this.#held.drop("refused", ({ arrival }) => whole || laneOf(arrival.mark) === lane);
    const oldest = removed[0] ?? entry;
    if (whole) this.#eras.forget(oldest.era.index + (oldest.opensEra ? 0 : 1));
    for (const era of this.#eras.all) this.#ledger.restore(era);
    for (const { waiters } of removed) tell(waiters, "refused");
  }

  /** The era an arrival belongs to; adopts a newer one (rule 15), begins the first (rule 16). */
  #eraOf(mark: OrderingMark): Era | undefined {
    const era = this.#eras.current;
    const start = mark.settled ?? mark.prev;
    if (era === undefined) return this.#begin(mark, start, undefined);
    if (era.is(mark)) return era;
    if (!this.#eras.isNewer(mark)) return undefined;
    const goesOn = mark.continues !== undefined && mark.continues === era.epoch;
    return this.#begin(mark, start, goesOn ? undefined : "reset");
  }

  /** Begins an era at `start`; with a reason, what came before is a gap in its place. */
  #begin(place: Place, start: number, reason: GapReason | undefined): Era {
    this.#doubted = undefined;
    this.#held.drop(reason === undefined ? "refused" : "committed");
    const era = this.#eras.begin(place, start, reason !== undefined);
    if (reason !== undefined) {
      const { log, epoch } = place;
      const release = { kind: "gap", reason, log, epoch, from: undefined, to: start } as const;
      this.#ledger.push({ release, era, lane: this.#sharedLane(), ranges: [], opensEra: true, waiters: [] });
    }
    this.#eras.close();
    return era;
  }

  #hold(arrival: Arrival<T>): Verdict {
    const full = this.#held.size >= this.#settings.maxHeld && !this.#held.has(arrival.mark.seq);
    if (full) return this.#refuse(arrival);
    this.#held.put(arrival, this.#settings.clock.now());
    return "held";
  }

  #refuse({ onOutcome }: Arrival<T>): Verdict {
    onOutcome?.("refused");
    return "refused";
  }

  #release(era: Era, arrival: Arrival<T>, waiters: ((outcome: Outcome) => void)[]): void {
    const { mark, cursor, onOutcome, id } = arrival;
    const copy = era.names.takeEarlier(id);
    if (id !== undefined) era.name(id, mark.seq);
    if (copy !== undefined) {
      repeat(this.#ledger, era, arrival, waiters, copy);
      this.#eras.close();
      return;
    }
    // In one line, what the eras before gave comes before all else.
    if (this.#settings.guarantee === "subscription") era.names.forgetEarlier();
    const { seq, prev } = mark;
    const release = releaseOf(arrival);
    const from = Math.min(Math.max(prev, era.handled.base), seq - 1);
    const lane = this.#settings.guarantee === "key" ? laneOf(mark) : "";
    const entry: LedgerEntry<T> = { release, era, lane, ranges: [[from, seq]], opensEra: false, waiters };
    addWaiter(waiters, onOutcome);
    era.handled.add(from, seq);
    era.trail.note(placeOfCursor(mark), cursor);
    this.#ledger.push(entry);
  }

  /** Hands out what the buffer now allows. */
  #drain(era: Era): void {
    // In one line only the lowest can fit.
    if (!this.#settings.releaseAhead) {
      let held = this.#held.lowest();
      while (held !== undefined && this.#drainOne(era, held)) held = this.#held.lowest();
      return;
    }
    for (let progress = this.#held.size > 0; progress; ) {
      progress = false;
      for (const held of this.#held.ascending()) progress = this.#drainOne(era, held) || progress;
    }
  }

  #drainOne(era: Era, held: Held<T>): boolean {
    const { mark } = held.arrival;
    if (era.handled.covers(mark.seq)) {
      this.#held.take(mark.seq);
      const entry = era.done.covers(mark.seq) ? undefined : this.#ledger.find(era, mark.seq);
      if (entry === undefined) tell(held.waiters, "committed");
      else for (const waiter of held.waiters) addWaiter(entry.waiters, waiter);
      return true;
    }
    if (!era.fits(mark, this.#settings)) return false;
    this.#releaseHeld(era, held);
    return true;
  }

  #releaseHeld(era: Era, held: Held<T>): void {
    this.#held.take(held.arrival.mark.seq);
    this.#release(era, { ...held.arrival, onOutcome: undefined }, held.waiters);
  }

  /** An event of an answer: the answer is complete, so what its `prev` names and nobody has is lost. */
  #offerAnswered(arrival: Arrival<T>): void {
    const { mark } = arrival;
    const era = this.#eraOf(mark);
    if (era !== undefined && !era.handled.covers(mark.seq) && !era.fits(mark, this.#settings)) {
      this.#skip(era, mark.prev, "lost");
    }
    this.offer(arrival);
  }

  /** The end of an answer: what is held at or before it comes out, then its position is taken. */
  #reach(position: OrderingPosition, cursor: string | null | undefined): void {
    const era = this.#eras.current;
    if (era === undefined || !era.is(position)) return;
    for (const held of this.#held.ascending()) {
      if (held.arrival.mark.seq > position.through) break;
      if (this.#held.has(held.arrival.mark.seq)) this.#releaseHeld(era, held);
    }
    era.raise(position.through);
    era.trail.note(position.through, cursor);
    this.#drain(era);
  }

  /** A position cannot hold while something before it is known to be missing: that was lost on the way. */
  #contradicts(era: Era, through: number): boolean {
    const ahead = era.handled.ahead[0];
    if (ahead !== undefined && ahead[0] < through) {
      this.#doubted = ahead[0];
      return true;
    }
    const lowest = this.#held.lowest();
    return lowest !== undefined && lowest.arrival.mark.seq <= through;
  }

  #settle(era: Era, through: number): void {
    if (through <= era.handled.base) return;
    this.#held.drop("committed", ({ arrival }) => arrival.mark.seq <= through);
    era.raise(through);
    this.#drain(era);
  }

  /** Everything up to `to` that is neither handled nor held is a gap; what is held comes out in its place (rule 21). */
  #skip(era: Era, to: number, reason: GapReason): void {
    for (const held of this.#held.ascending()) {
      const { mark } = held.arrival;
      if (mark.seq > to) break;
      this.#gap(era, mark.prev, reason);
      if (!era.handled.covers(mark.seq)) this.#releaseHeld(era, held);
    }
    this.#gap(era, to, reason);
    this.#drain(era);
  }

  #gap(era: Era, to: number, reason: GapReason): void {
    const ranges = era.handled.missing(to);
    if (ranges.length === 0) return;
    const { log, epoch } = era;
    const release = { kind: "gap", reason, log, epoch, from: era.handled.base, to } as const;
    this.#ledger.push({ release, era, lane: this.#sharedLane(), ranges, opensEra: false, waiters: [] });
    era.handled.add(era.handled.base, to);
  }

  /** The lane of a gap that no single event stands for. */
  #sharedLane(): string | undefined {
    return this.#settings.guarantee === "key" ? undefined : "";
  }
}
