import type { OrderingMark } from "@mcp-events/protocol";
import type { LogPosition } from "../contracts";
import type { ConsumerState } from "./consumer-state";
import { CursorTrail } from "./cursor-trail";
import { GivenNames } from "./given-names";
import type { IntervalSet } from "./interval-set";
import type { ResequencerSettings } from "./resequencer-options";

/** An event of an era, by its id. */
export interface NamedEvent {
  readonly id: string;
  readonly era: Era;
  readonly seq: number;
}

/** One epoch of one log as a consumer lives through it: what was handed out (`P`) and what is done with (`C`). */
export class Era {
  /** Handed out, or known to be nothing: its base is `P`. */
  handled: IntervalSet;
  /** Done with: its base is `C`. */
  readonly done: IntervalSet;
  readonly trail = new CursorTrail();
  readonly names: GivenNames<NamedEvent>;
  /** Entries of this era that are released and not committed. */
  pending = 0;
  /** False until the gap it began with is committed. */
  opened: boolean;

  constructor(
    readonly index: number,
    readonly log: string,
    readonly epoch: number,
    done: IntervalSet,
    /** Whether it began with a gap; then what was before is lost. */
    readonly afterGap: boolean,
    /** What the eras before gave, and this one may give again. */
    earlier: readonly NamedEvent[] = [],
  ) {
    this.names = new GivenNames(earlier);
    this.done = done;
    this.handled = done.clone();
    this.opened = !afterGap;
  }

  is(place: { readonly log: string; readonly epoch: number }): boolean {
    return place.log === this.log && place.epoch === this.epoch;
  }

  get position(): LogPosition & { readonly log: string } {
    return { log: this.log, epoch: this.epoch, seq: this.handled.base };
  }

  get state(): ConsumerState {
    const ahead = this.done.ahead.map(([after, through]) => [after, through] as const);
    return { log: this.log, epoch: this.epoch, through: this.done.base, ahead };
  }

  /** Remembers the name of an event that was handed out. */
  name(id: string, seq: number): void {
    this.names.note({ id, era: this, seq }, this.#isAfterCursor());
  }

  /** What was handed out after the cursor to store; `onlyDone`: and is done with. */
  namesAfterCursor(onlyDone: boolean): NamedEvent[] {
    const isAfter = this.#isAfterCursor();
    const given = onlyDone ? this.done : this.handled;
    return this.names.list((named) => isAfter(named) && given.covers(named.seq));
  }

  #isAfterCursor(): (named: NamedEvent) => boolean {
    const at = this.trail.find(this.done.base)?.at ?? -1;
    return ({ seq }) => seq > at;
  }

  /** Whether everything that has to be handed out before it was (rule 18). */
  fits({ prev, seq, keyPrev, settled }: OrderingMark, settings: ResequencerSettings): boolean {
    if (prev <= this.handled.base) return true;
    if (!settings.releaseAhead || keyPrev === undefined) return false;
    if (settled !== undefined && settled > this.handled.base) return false;
    if (!this.handled.covers(keyPrev)) return false;
    return this.handled.ahead.length < settings.maxAhead || !this.handled.grows(prev, seq);
  }

  /** Takes everything up to `through` as handled; what nothing was released for is done with at once. */
  raise(through: number): void {
    for (const [after, to] of this.handled.missing(through)) this.done.add(after, to);
    this.handled.add(this.handled.base, through);
  }
}
