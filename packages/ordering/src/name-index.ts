import { Deque } from "./deque";

const MAX_EMPTY_NAMES = 10_000;

/** What is known of an entry by its type. */
export interface NamedEntry {
  readonly name: string;
  readonly seq: number;
}

interface Line<E> {
  readonly entries: Deque<E>;
  lastDropped: number;
}

/** The entries of a log by event type, so that a reader of a rare type does not walk the log. */
export class NameIndex<E extends NamedEntry> {
  readonly #lines = new Map<string, Line<E>>();
  readonly #empty = new Set<string>();
  #forgotten = 0;

  add(entry: E): void {
    this.#empty.delete(entry.name);
    this.#lineOf(entry.name).entries.push(entry);
  }

  /** Notes that the log dropped `entry`, which is its oldest. */
  drop(entry: E): void {
    const line = this.#lineOf(entry.name);
    line.entries.shift();
    line.lastDropped = entry.seq;
    if (line.entries.size === 0) this.#noteEmpty(entry.name);
  }

  /** Notes that entries of a type at or before number `seq` were dropped by somebody else; only while it has none. */
  noteDropped(name: string, seq: number): void {
    this.#lineOf(name).lastDropped = seq;
    this.#noteEmpty(name);
  }

  /** Notes that entries of any type at or before number `seq` may have been dropped; only while there are none. */
  noteAnyDropped(seq: number): void {
    this.#forgotten = Math.max(this.#forgotten, seq);
    for (const line of this.#lines.values()) line.lastDropped = Math.max(line.lastDropped, seq);
  }

  /** Number of the last entry of these types that was dropped; 0 when none was. */
  lastDropped(names: readonly string[]): number {
    let last = 0;
    for (const name of names) last = Math.max(last, this.#lines.get(name)?.lastDropped ?? this.#forgotten);
    return last;
  }

  /** Entries of these types after number `after`, in order, at most `limit`. */
  read(names: readonly string[], after: number, limit: number): E[] {
    const cursors = [...new Set(names)].flatMap((name) => {
      const entries = this.#lines.get(name)?.entries;
      return entries === undefined ? [] : [{ entries, next: entries.search((entry) => entry.seq > after) }];
    });
    const found: E[] = [];
    while (found.length < limit) {
      let least: { entries: Deque<E>; next: number } | undefined;
      for (const cursor of cursors) {
        const entry = cursor.entries.at(cursor.next);
        if (entry === undefined) continue;
        if (least === undefined || entry.seq < least.entries.at(least.next)!.seq) least = cursor;
      }
      if (least === undefined) break;
      found.push(least.entries.at(least.next)!);
      least.next += 1;
    }
    return found;
  }

  #lineOf(name: string): Line<E> {
    let line = this.#lines.get(name);
    if (line === undefined) {
      line = { entries: new Deque(), lastDropped: this.#forgotten };
      this.#lines.set(name, line);
    }
    return line;
  }

  /** Keeps the number of names without entries bounded: a forgotten one is taken to have lost what any of them lost. */
  #noteEmpty(name: string): void {
    this.#empty.add(name);
    if (this.#empty.size <= MAX_EMPTY_NAMES) return;
    const [oldest] = this.#empty;
    this.#empty.delete(oldest!);
    this.#forgotten = Math.max(this.#forgotten, this.#lines.get(oldest!)!.lastDropped);
    this.#lines.delete(oldest!);
  }
}
