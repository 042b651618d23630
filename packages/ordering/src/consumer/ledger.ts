import type { Era } from "./era";
import type { Interval } from "./interval-set";
import type { Outcome, Release } from "./release";

/** A release with what the consumer has to know to commit it. */
export interface LedgerEntry<T> {
  readonly release: Release<T>;
  readonly era: Era;
  /** `undefined`: a gap that all lanes share. */
  readonly lane: string | undefined;
  /** What is done with when it is committed. */
  readonly ranges: readonly Interval[];
  /** Whether committing it opens its era. */
  readonly opensEra: boolean;
  readonly waiters: ((outcome: Outcome) => void)[];
}

/** What was released and is not committed, in the order of release. */
export class Ledger<T> {
  #entries: LedgerEntry<T>[] = [];
  #taken = 0;

  get entries(): readonly LedgerEntry<T>[] {
    return this.#entries;
  }

  /** Released and not taken. */
  get waiting(): number {
    return this.#entries.length - this.#taken;
  }

  /** Taken and not committed. */
  get taken(): number {
    return this.#taken;
  }

  push(entry: LedgerEntry<T>): void {
    this.#entries.push(entry);
    entry.era.pending += 1;
  }

  /** The next entry to hand out. */
  take(): LedgerEntry<T> | undefined {
    const entry = this.#entries[this.#taken];
    if (entry !== undefined) this.#taken += 1;
    return entry;
  }

  /** The next entry to hand out, left where it is. */
  peek(): LedgerEntry<T> | undefined {
    return this.#entries[this.#taken];
  }

  /** What was taken and not committed is handed out again. */
  rewind(): void {
    this.#taken = 0;
  }

  /** Brings what an era has handed out back to what is committed and what is still in the ledger. */
  restore(era: Era): void {
    era.handled = era.done.clone();
    for (const entry of this.#entries) {
      if (entry.era !== era) continue;
      for (const [after, through] of entry.ranges) era.handled.add(after, through);
    }
  }

  indexOf(release: Release<T>): number {
    return this.#entries.findIndex((entry) => entry.release === release);
  }

  /** The entry of an event; `undefined` when it is not in the ledger. */
  find(era: Era, seq: number): LedgerEntry<T> | undefined {
    return this.#entries.find(
      ({ era: its, release }) =>
        its === era && (release.kind === "event" ? release.seq === seq : release.to === seq),
    );
  }

  /** Removes the entries before index `end` for which `which` holds, and returns them. */
  remove(end: number, which: (entry: LedgerEntry<T>) => boolean): LedgerEntry<T>[] {
    if (end === 1) return this.#removeFirst(which);
    const removed: LedgerEntry<T>[] = [];
    const kept: LedgerEntry<T>[] = [];
    let taken = this.#taken;
    for (const [index, entry] of this.#entries.entries()) {
      if (index >= end || !which(entry)) {
        kept.push(entry);
        continue;
      }
      removed.push(entry);
      entry.era.pending -= 1;
      if (index < this.#taken) taken -= 1;
    }
    this.#entries = kept;
    this.#taken = taken;
    return removed;
  }

  /** The way every serial reader goes: the oldest entry leaves. */
  #removeFirst(which: (entry: LedgerEntry<T>) => boolean): LedgerEntry<T>[] {
    const first = this.#entries[0];
    if (first === undefined || !which(first)) return [];
    this.#entries.shift();
    first.era.pending -= 1;
    if (this.#taken > 0) this.#taken -= 1;
    return [first];
  }
}
