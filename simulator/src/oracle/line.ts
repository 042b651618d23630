import type { StoredPosition } from "@mcp-events/ordering";
import type { World } from "../kernel/world";
import type { LogRecord, Recorded } from "./log-record";

/** What a handler did with one item. */
export type Effect =
  | { readonly kind: "event"; readonly n: number }
  | {
      readonly kind: "gap";
      readonly reason: string;
      readonly epoch: number | undefined;
      readonly from: number;
      readonly to: number;
    };

/** A stretch that was reported missing. */
interface Covered {
  readonly epoch: number;
  readonly from: number;
  readonly to: number;
}

/** What a line is compared with. */
export interface LineParts {
  readonly world: World;
  readonly log: LogRecord;
  readonly title: string;
  readonly byKey: boolean;
  /** Its receiver knows nothing of the contract: what was given up may arrive late, and its gap may be let go. */
  readonly isPlain: boolean;
  /** Whether an entry belongs to the subscription. */
  readonly isMine: (entry: Recorded) => boolean;
}

/**
 * One subscription as the contract wants it: what its handler did, made lasting together with the stored position, is
 * compared with the log (ORD-1, ORD-2, ORD-3, ORD-7, ORD-9).
 */
export class Line {
  #pending: Effect[] = [];
  #start: { readonly epoch: number; readonly seq: number } | undefined;
  #done = new Map<number, Recorded>();
  #covered: Covered[] = [];
  #isOver = false;
  /** Answered 2xx in this life, and in those whose positions were lost: the server need not send them again. */
  #accepted = new Set<number>();
  #acceptedBefore = new Set<number>();

  constructor(readonly parts: LineParts) {}

  /** A subscription that has no position stands: from `epoch` and `seq`, or later, it begins. */
  get hasBegun(): boolean {
    return this.#start !== undefined;
  }

  /** The handler is done with an item; lasting when the position that goes with it is. */
  handled(effect: Effect): void {
    this.parts.world.tell(() => `${this.parts.title} handled ${showEffect(effect)}`);
    this.#pending.push(effect);
  }

  /** It was not done with it after all: the item was another line's. */
  takeBack(effect: Effect): void {
    this.#pending = this.#pending.filter((one) => one !== effect);
  }

  /**
   * Takes what is handled so far: it is to become lasting with the position that is about to be stored.
   *
   * @returns the effects, and what puts them back when the position was not stored; not after a crash.
   */
  takePending(): { readonly effects: readonly Effect[]; readonly putBack: () => void } {
    const pending = this.#pending;
    const effects = pending.splice(0);
    return { effects, putBack: () => void pending.unshift(...effects) };
  }

  /** The process is gone, and with it what was not stored. */
  crashed(): void {
    this.#pending = [];
  }

  /** Positions are lost, and with them everything: the subscription begins anew. */
  forget(): void {
    this.crashed();
    for (const n of this.#accepted) this.#acceptedBefore.add(n);
    this.#accepted = new Set();
    this.#start = undefined;
    this.#done = new Map();
    this.#covered = [];
  }

  /** A position is stored, and with it what was handled before it. */
  stored({ state }: StoredPosition, effects: readonly Effect[]): void {
    for (const effect of effects) this.#lasting(effect);
    if (state === undefined) return;
    this.#start ??= { epoch: state.epoch, seq: state.through };
    const claims = [[0, state.through], ...state.ahead] as const;
    for (const [after, through] of claims) this.#requireHandled(state.epoch, after, through);
  }

  /** Begins where the oracle says, for a client that stores nothing. */
  begin(epoch: number, seq: number): void {
    this.#start ??= { epoch, seq };
  }

  /** Makes an effect lasting at once, for a client that stores nothing. */
  handledForGood(effect: Effect): void {
    this.parts.world.tell(() => `${this.parts.title} handled ${showEffect(effect)}`);
    this.#lasting(effect);
  }

  /** An event that was answered 2xx: it has to be lasting, reported missing, or from before the beginning. */
  accepted(n: number): void {
    const entry = this.parts.log.of(n);
    this.#accepted.add(n);
    // One of an older epoch lies in a gap that the server tells again for as long as its position is not stored.
    if (entry === undefined || entry.epoch !== this.parts.log.epoch || this.#isSettled(entry)) return;
    this.#violate(`rule 20: ${this.#name(entry)} was accepted and is not stored`);
  }

  /** Everything that is to arrive has arrived. */
  get isComplete(): boolean {
    return this.#missing().length === 0;
  }

  /** After the healing: everything arrived, and nothing was given up without need. */
  finish(): void {
    this.#isOver = true;
    const { log } = this.parts;
    const missing = this.#missing();
    if (missing.length > 0) {
      this.#violate(`liveness: ${missing.length} never arrived, the first is ${this.#name(missing[0]!)}`);
    }
    const needless = log.entries.filter(
      (one) =>
        this.parts.isMine(one) &&
        this.#isDue(one) &&
        !this.#isDone(one) &&
        !this.#acceptedBefore.has(one.n) &&
        !log.isExcused(one),
    );
    if (missing.length === 0 && needless.length > 0) {
      this.#violate(`ORD-2: ${this.#name(needless[0]!)} was reported missing, although it was there`);
    }
  }

  #missing(): Recorded[] {
    const { log, isMine } = this.parts;
    return log.entries.filter((one) => one.epoch === log.epoch && isMine(one) && !this.#isSettled(one));
  }

  #lasting(effect: Effect): void {
    if (effect.kind === "event") this.#event(effect.n);
    else this.#gap(effect);
  }

  #event(n: number): void {
    const { log, isMine } = this.parts;
    const entry = log.of(n);
    if (entry === undefined) this.#violate(`event ${n} was never appended`);
    else if (!isMine(entry)) this.#violate(`${this.#name(entry)} does not belong to the view`);
    else if (this.#isDone(entry)) this.#violate(`ORD-3: ${this.#name(entry)} is a duplicate`);
    else {
      if (!this.#isForgiven(entry)) this.#requireOrder(entry);
      this.#done.set(n, entry);
    }
  }

  #requireOrder(entry: Recorded): void {
    const { log, isMine } = this.parts;
    const lane = this.#lane(entry);
    const later = [...this.#done.values()].find(
      (done) => this.#lane(done) === lane && this.#isBefore(entry, done),
    );
    if (later !== undefined) this.#violate(`ORD-1: ${this.#name(entry)} came after ${this.#name(later)}`);
    if (this.#isCovered(entry)) this.#violate(`ORD-1: ${this.#name(entry)} came after the gap it lies in`);
    const lost = log.entries.find(
      (one) => isMine(one) && this.#lane(one) === lane && this.#isBefore(one, entry) && !this.#isSettled(one),
    );
    if (lost !== undefined) {
      const rule = lost.epoch === entry.epoch ? "ORD-2" : "ORD-7";
      this.#violate(`${rule}: ${this.#name(lost)} is silently lost before ${this.#name(entry)}`);
    }
  }

  #isForgiven({ n }: Recorded): boolean {
    return this.parts.isPlain && this.parts.log.givenUp.has(n);
  }

  #gap({ reason, epoch, from, to }: Effect & { kind: "gap" }): void {
    if (epoch === undefined) return;
    const { log } = this.parts;
    if (reason === "reset") {
      const before = log.epochs.slice(0, log.epochs.indexOf(epoch));
      for (const one of before) this.#covered.push({ epoch: one, from: 0, to: Number.POSITIVE_INFINITY });
    }
    this.#covered.push({ epoch, from: reason === "reset" ? 0 : from, to });
  }

  #requireHandled(epoch: number, after: number, through: number): void {
    const { log, isMine } = this.parts;
    const early = log.entries.find(
      (one) =>
        one.epoch === epoch && one.seq > after && one.seq <= through && isMine(one) && !this.#isSettled(one),
    );
    if (early !== undefined)
      this.#violate(`ORD-9: the position passed ${this.#name(early)} before it was handled`);
  }

  #isSettled(entry: Recorded): boolean {
    return (
      !this.#isDue(entry) ||
      this.#isDone(entry) ||
      this.#isCovered(entry) ||
      this.#isForgiven(entry) ||
      this.#acceptedBefore.has(entry.n)
    );
  }

  #isDone(entry: Recorded): boolean {
    return this.#done.has(entry.n);
  }

  /** Whether it came after the beginning. */
  #isDue({ epoch, seq }: Recorded): boolean {
    const start = this.#start;
    if (start === undefined) return false;
    const { log } = this.parts;
    return epoch === start.epoch ? seq > start.seq : log.ordinal(epoch) > log.ordinal(start.epoch);
  }

  #isCovered({ epoch, seq }: Recorded): boolean {
    return this.#covered.some((gap) => gap.epoch === epoch && gap.from < seq && seq <= gap.to);
  }

  #isBefore(a: Recorded, b: Recorded): boolean {
    const { log } = this.parts;
    return a.epoch === b.epoch ? a.seq < b.seq : log.ordinal(a.epoch) < log.ordinal(b.epoch);
  }

  #lane({ key }: Recorded): string {
    return this.parts.byKey ? `key ${key ?? "none"}` : "";
  }

  #name({ epoch, seq, n }: Recorded): string {
    return `event ${n} (${this.parts.log.ordinal(epoch)}:${seq})`;
  }

  #violate(what: string): void {
    this.parts.world.violate(`${this.parts.title}: ${what}${this.#isOver ? " (at the end)" : ""}`);
  }
}

function showEffect(effect: Effect): string {
  if (effect.kind === "event") return `event ${effect.n}`;
  return `gap ${effect.reason} (${effect.from}, ${effect.to}]`;
}
