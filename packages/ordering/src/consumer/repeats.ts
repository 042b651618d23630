import type { Era, NamedEvent } from "./era";
import type { Eras } from "./eras";
import { addWaiter, tell } from "./held-buffer";
import type { Ledger } from "./ledger";
import { type Arrival, type Outcome, placeOfCursor, type Verdict } from "./release";
import type { ResequencerSettings } from "./resequencer-options";

/** Takes an event whose number was handed out before (rule 17). */
export function duplicate<T>(ledger: Ledger<T>, era: Era, { mark, onOutcome }: Arrival<T>): Verdict {
  if (era.done.covers(mark.seq)) {
    onOutcome?.("committed");
    return "duplicate";
  }
  if (onOutcome === undefined) return "pending";
  const entry = ledger.find(era, mark.seq);
  if (entry === undefined) onOutcome("refused");
  else addWaiter(entry.waiters, onOutcome);
  return "pending";
}

/** Takes an event of an epoch that was left: a copy of what is in hand, or it lies in a gap that was reported (rule 15). */
export function stale<T>(ledger: Ledger<T>, eras: Eras, arrival: Arrival<T>): Verdict {
  const { mark, onOutcome } = arrival;
  const era = eras.all.find((one) => one.is(mark));
  if (era?.handled.covers(mark.seq) && !era.done.covers(mark.seq)) return duplicate(ledger, era, arrival);
  onOutcome?.("committed");
  return "stale";
}

/** Takes what a new epoch gives again after the one before gave it as `copy`: done with, and accepted once that one is. */
export function repeat<T>(
  ledger: Ledger<T>,
  era: Era,
  { mark, cursor, onOutcome }: Arrival<T>,
  waiters: ((outcome: Outcome) => void)[],
  copy: NamedEvent,
): void {
  const { seq, prev } = mark;
  const from = Math.min(Math.max(prev, era.handled.base), seq - 1);
  era.handled.add(from, seq);
  era.done.add(from, seq);
  era.trail.note(placeOfCursor(mark), cursor);
  addWaiter(waiters, onOutcome);
  const entry = ledger.find(copy.era, copy.seq);
  if (entry === undefined) tell(waiters, "committed");
  else for (const waiter of waiters) addWaiter(entry.waiters, waiter);
}

/** With keys, what an epoch before gave may still fail by itself, and then what comes now is needed: it is to come again. */
export function mayFailAlone<T>(
  ledger: Ledger<T>,
  era: Era,
  { id }: Arrival<T>,
  { guarantee }: ResequencerSettings,
): boolean {
  if (guarantee === "subscription") return false;
  const copy = era.names.earlier(id);
  return copy !== undefined && ledger.find(copy.era, copy.seq) !== undefined;
}
