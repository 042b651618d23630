import type { OrderingMark } from "@mcp-events/protocol";

/** Why events are missing: see {@link GapRelease}. */
export type GapReason =
  /** The server skipped them: retention, a floor, an upstream that skipped (CUR-6). */
  | "truncated"
  /** The log began anew. */
  | "reset"
  /** This side began anew without a position (ORDERING rule 22). */
  | "restart"
  /** They were on the way and nobody can give them again. */
  | "lost"
  /** They came faster than they were read, and the type does not replay. */
  | "overflow"
  /** The server gave them up after its last attempt. */
  | "given_up";

/** What becomes of a delivery that can be refused: `committed` is answered 2xx, `refused` 503 (ORDERING rules 17, 20). */
export type Outcome = "committed" | "refused";

/** One event, or a gap that stands for one, as it arrives. */
export interface Arrival<T> {
  readonly mark: OrderingMark;
  /** What is handed out; for a gap that stands for an event: `undefined`, and `gap` says why. */
  readonly item: T;
  readonly gap?: GapReason | undefined;
  /** Names the event: where a new epoch goes on from the one before, what it gives again is known by it. */
  readonly id?: string | undefined;
  /** The cursor at this event. */
  readonly cursor?: string | null | undefined;
  /** For deliveries that can be refused; called once. Its presence lets a full consumer refuse. */
  readonly onOutcome?: ((outcome: Outcome) => void) | undefined;
}

/**
 * What became of an arrival: `released` (can be taken), `held` (something before it is missing), `duplicate` (committed
 * before), `pending` (handed out before, not yet committed), `stale` (of an older epoch), `refused` (no room).
 */
export type Verdict = "released" | "held" | "duplicate" | "pending" | "stale" | "refused";

/** An event in its place. */
export interface EventRelease<T> {
  readonly kind: "event";
  readonly log: string;
  readonly epoch: number;
  readonly seq: number;
  readonly item: T;
}

/** Missing events in their place: those of the view in (`from`, `to`]. */
export interface GapRelease {
  readonly kind: "gap";
  readonly reason: GapReason;
  readonly log: string;
  readonly epoch: number;
  /** `undefined` when the gap begins before this epoch. */
  readonly from: number | undefined;
  readonly to: number;
}

/** What a consumer hands out. */
export type Release<T> = EventRelease<T> | GapRelease;

/** What an arrival is handed out as. */
export function releaseOf<T>({ mark, item, gap }: Arrival<T>): Release<T> {
  const { log, epoch, seq, prev } = mark;
  if (gap === undefined) return { kind: "event", log, epoch, seq, item };
  return { kind: "gap", reason: gap, log, epoch, from: prev, to: seq };
}

/** The lane of an event with guarantee `key`; those without a key share one. */
export function laneOf(mark: OrderingMark): string {
  return mark.key ?? "";
}

/** What the cursor of an event stands for: the event itself, or the watermark while anything before it is not settled (rule 13). */
export function placeOfCursor({ seq, prev, settled }: OrderingMark): number {
  return settled !== undefined && settled < prev ? settled : seq;
}
