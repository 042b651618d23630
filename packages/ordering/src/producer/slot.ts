import type { LaneEntry, Outgoing } from "./outgoing";

/** An entry in its lane. */
export class Slot<T> implements Outgoing<T> {
  readonly seq: number;
  readonly prev: number;
  readonly key: string | undefined;
  readonly barrier: boolean;
  readonly item: T;
  attempts = 0;
  firstAttemptAt: number | undefined;
  behind = false;
  state: "ready" | "flying" | "settled" = "ready";
  /** Not to be posted before, in milliseconds. */
  notBefore = 0;
  /** Refused because of what was before it: it does not wait for its time once that is settled. */
  refusedBehind = false;

  constructor(
    entry: LaneEntry<T>,
    readonly lane: string,
    readonly keyPrev: number | undefined,
    public gap: boolean,
  ) {
    this.item = entry.item;
    this.seq = entry.seq;
    this.prev = entry.prev;
    this.key = entry.key;
    this.barrier = entry.barrier === true;
  }

  /** When it may be posted, in milliseconds. */
  get dueAt(): number {
    return this.refusedBehind && !this.behind ? 0 : this.notBefore;
  }

  /** Whether nothing later in its lane may be posted (ORDERING rule 11). */
  get pausesLane(): boolean {
    return this.attempts > 0 || this.gap;
  }
}
