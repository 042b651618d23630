import type { Guarantee } from "@mcp-events/protocol";
import { Deque } from "../deque";
import type { LaneEntry, Outgoing } from "./outgoing";
import { Slot } from "./slot";

/** How {@link Lanes} are set up. */
export interface LanesOptions {
  readonly guarantee: Guarantee;
  /** Posts in flight at most to a receiver that puts them in order; 0: strict order, one in flight for each lane. */
  readonly window: number;
  /** Entries not settled at most; default 256. */
  readonly capacity?: number | undefined;
  /** Where it begins: everything at or before it is settled. */
  readonly through: number;
  /** Number of the last event at or before `through`; default `through`. */
  readonly last?: number | undefined;
  /** Numbers after `through` that an earlier owner gave up: gaps take their places (ORDERING rule 14). */
  readonly givenUp?: readonly number[] | undefined;
}

/** Settled entries kept ahead of one that is not, at most. */
const MAX_AHEAD = 4_096;
const CAPACITY = 256;

/**
 * Which events of one webhook subscription may be posted now, and how far everything is settled (ORDERING rules 10, 11,
 * 13 and 14). Pure: no I/O and no clock; the caller posts what {@link Lanes.next} gives and says what became of it.
 */
export class Lanes<T> {
  /** In view order, from the lowest that is not settled. */
  readonly #slots = new Deque<Slot<T>>();
  /** Those of them that are not settled, in view order. */
  readonly #open = new Set<Slot<T>>();
  /** Strict order: what waits in each lane; the first may be posted. */
  readonly #lanes = new Map<string, Deque<Slot<T>>>();
  /** Strict order: first of their lanes, ready. */
  readonly #heads = new Deque<Slot<T>>();
  /** Behind a barrier, or a barrier itself, until what is before it is settled. */
  readonly #parked = new Deque<Slot<T>>();
  readonly #byKey: boolean;
  readonly #window: number;
  readonly #capacity: number;
  /** Posted before, and to be posted again. */
  readonly #waiting = new Set<Slot<T>>();
  readonly #givenUp: Set<number>;
  /** For each lane the last entry beyond the watermark. */
  readonly #keys = new Map<string, number>();
  #flying = 0;
  #barrier = false;
  #scanned: number;
  #through: number;
  #last: number;

  constructor(options: LanesOptions) {
    this.#byKey = options.guarantee === "key";
    this.#window = options.window;
    this.#capacity = options.capacity ?? CAPACITY;
    this.#through = options.through;
    this.#scanned = options.through;
    this.#last = options.last ?? options.through;
    this.#givenUp = new Set(options.givenUp);
  }

  /** The watermark: everything of the view at or before it is settled. */
  get through(): number {
    return this.#through;
  }

  /** Number of the last event at or before {@link through}. */
  get last(): number {
    return this.#last;
  }

  /** Entries that are not settled. */
  get open(): number {
    return this.#open.size + this.#parked.size;
  }

  /** Posts in flight. */
  get flying(): number {
    return this.#flying;
  }

  /** How many more entries may be pushed. */
  get room(): number {
    return Math.max(0, Math.min(this.#capacity - this.open, MAX_AHEAD - this.#slots.size));
  }

  /** Adds the next entry of the view. */
  push(entry: LaneEntry<T>): void {
    const gap = entry.gap === true || this.#givenUp.has(entry.seq);
    const lane = this.#byKey && entry.key !== undefined ? `k${entry.key}` : "";
    const slot = new Slot(entry, lane, this.#byKey ? this.#moveKey(lane, entry.seq) : undefined, gap);
    if (gap && !slot.barrier) this.#givenUp.add(slot.seq);
    this.#scanned = Math.max(this.#scanned, slot.seq);
    if (this.#parked.size > 0 || this.#barrier || (slot.barrier && this.#open.size > 0)) {
      this.#parked.push(slot);
    } else this.#admit(slot);
  }

  /** Says that the view has nothing more at or before `through`. */
  scanned(through: number): void {
    this.#scanned = Math.max(this.#scanned, through);
    if (this.open === 0) this.#through = Math.max(this.#through, this.#scanned);
  }

  /** Takes the next entry that may be posted now; it counts as in flight until its outcome is told. */
  next(now: number): Outgoing<T> | undefined {
    const slot = this.#window === 0 ? this.#nextHead(now) : this.#nextInWindow(now);
    if (slot === undefined) return undefined;
    slot.state = "flying";
    slot.firstAttemptAt ??= now;
    this.#waiting.delete(slot);
    this.#flying += 1;
    return slot;
  }

  /**
   * When {@link next} will have something that was posted before, although nothing happens, in milliseconds; not later
   * than now: at once; `undefined`: never.
   */
  dueAt(): number | undefined {
    let due: number | undefined;
    for (const slot of this.#window === 0 ? this.#waiting : this.#mayLeave()) {
      if (this.#waiting.has(slot)) due = Math.min(due ?? slot.dueAt, slot.dueAt);
    }
    return due;
  }

  /** Whether everything before it is settled, so that its body may carry a cursor at itself (ORDERING rule 13). */
  isLowest(outgoing: Outgoing<T>): boolean {
    return this.#slots.at(this.#slots.first) === outgoing;
  }

  /** Numbers beyond the watermark that were given up, also by an earlier owner, in order; to be stored with it. */
  givenUp(): number[] {
    return [...this.#givenUp].filter((seq) => seq > this.#through).sort((a, b) => a - b);
  }

  /**
   * It was accepted, or let go.
   *
   * @returns what the watermark passed by it, in order.
   */
  settle(outgoing: Outgoing<T>): Outgoing<T>[] {
    const slot = this.#landed(outgoing);
    if (slot === undefined) return [];
    slot.state = "settled";
    this.#open.delete(slot);
    this.#leaveLane(slot);
    const passed: Outgoing<T>[] = [];
    for (let first = this.#first(); first?.state === "settled"; first = this.#first()) {
      this.#slots.shift();
      this.#through = first.seq;
      this.#last = first.seq;
      this.#givenUp.delete(first.seq);
      if (this.#keys.get(first.lane) === first.seq) this.#keys.delete(first.lane);
      passed.push(first);
    }
    if (this.#open.size === 0) this.#admitParked();
    if (this.open === 0) this.#through = Math.max(this.#through, this.#scanned);
    return passed;
  }

  /**
   * It is to be posted again.
   *
   * @param notBefore - In milliseconds since the epoch.
   * @param counts - Whether the attempt counts; one that was posted behind something unsettled and refused does not.
   */
  retry(outgoing: Outgoing<T>, notBefore: number, counts: boolean): void {
    const slot = this.#landed(outgoing);
    if (slot === undefined) return;
    if (counts) slot.attempts += 1;
    slot.refusedBehind = !counts && slot.behind;
    this.#again(slot, notBefore);
  }

  /** A gap takes its place (ORDERING rule 14); to be called once the dead letter is written. */
  giveUp(outgoing: Outgoing<T>): void {
    const slot = this.#landed(outgoing);
    if (slot === undefined) return;
    slot.gap = true;
    slot.attempts = 0;
    slot.firstAttemptAt = undefined;
    slot.refusedBehind = false;
    if (!slot.barrier) this.#givenUp.add(slot.seq);
    this.#again(slot, 0);
  }

  /** Delivery was suspended and goes on: what waits for its time may be posted at once, and attempts count anew. */
  hasten(): void {
    for (const slot of this.#open) {
      slot.notBefore = 0;
      slot.attempts = 0;
      slot.firstAttemptAt = undefined;
    }
  }

  #first(): Slot<T> | undefined {
    return this.#slots.at(this.#slots.first);
  }

  #admit(slot: Slot<T>): void {
    this.#slots.push(slot);
    this.#open.add(slot);
    this.#barrier = slot.barrier;
    if (this.#window > 0) return;
    const lane = this.#lanes.get(slot.lane);
    if (lane !== undefined) {
      lane.push(slot);
      return;
    }
    const fresh = new Deque<Slot<T>>();
    fresh.push(slot);
    this.#lanes.set(slot.lane, fresh);
    this.#heads.push(slot);
  }

  #admitParked(): void {
    this.#barrier = false;
    for (let next = this.#parked.at(this.#parked.first); next !== undefined; ) {
      if (this.#barrier || (next.barrier && this.#open.size > 0)) return;
      this.#parked.shift();
      this.#admit(next);
      next = this.#parked.at(this.#parked.first);
    }
  }

  #leaveLane(slot: Slot<T>): void {
    if (this.#window > 0) return;
    const lane = this.#lanes.get(slot.lane)!;
    lane.shift();
    const next = lane.at(lane.first);
    if (next === undefined) this.#lanes.delete(slot.lane);
    else this.#heads.push(next);
  }

  #nextHead(now: number): Slot<T> | undefined {
    for (const slot of this.#waiting) {
      if (slot.dueAt <= now) return slot;
    }
    return this.#heads.shift();
  }

  #nextInWindow(now: number): Slot<T> | undefined {
    for (const slot of this.#mayLeave()) {
      if (slot.dueAt <= now) return slot;
    }
    return undefined;
  }

  /**
   * Within a window: those that wait for nothing but their time, in order. The lowest has a place kept for it; what
   * follows something that failed, or a gap, in its lane waits for that (ORDERING rule 11).
   */
  *#mayLeave(): Generator<Slot<T>> {
    const lowest = this.#first();
    const others = this.#window - this.#flying - (lowest?.state === "flying" ? 0 : 1);
    const paused = new Map<string, boolean>();
    for (const slot of this.#open) {
      if (slot !== lowest && others <= 0) return;
      const before = paused.get(slot.lane);
      if (slot.state === "ready" && before !== true) {
        slot.behind = before !== undefined || (slot.key === undefined && slot !== lowest);
        yield slot;
      }
      paused.set(slot.lane, before === true || slot.pausesLane);
    }
  }

  #moveKey(lane: string, seq: number): number {
    const before = this.#keys.get(lane) ?? this.#last;
    this.#keys.set(lane, seq);
    return before;
  }

  /** An entry whose post is over; `undefined` when that was told before. */
  #landed(outgoing: Outgoing<T>): Slot<T> | undefined {
    const slot = outgoing as Slot<T>;
    if (slot.state !== "flying") return undefined;
    this.#flying -= 1;
    return slot;
  }

  #again(slot: Slot<T>, notBefore: number): void {
    slot.state = "ready";
    slot.notBefore = notBefore;
    this.#waiting.add(slot);
  }
}
