import type { Entry } from "./contracts";
import { Deque } from "./deque";

const MAX_EMPTY_NAMES = 10_000;

interface Line {
  readonly entries: Deque<Entry>;
  lastDropped: number;
}

/** The entries of a log by event type, so that a reader of a rare type does not walk the log. */
export class NameIndex {
  readonly #lines = new Map<string, Line>();
  readonly #empty = new Set<string>();
  #forgotten = 0;

  add(entry: Entry): void {
    this.#empty.delete(entry.name);
    this.#lineOf(entry.name).entries.push(entry);
  }

  /** Notes that the log dropped `entry`, which is its oldest. */
  drop(entry: Entry): void {
    const line = this.#lineOf(entry.name);
    line.entries.shift();
    line.lastDropped = entry.seq;
    if (line.entries.size === 0) this.#noteEmpty(entry.name);
  }

  /** Number of the last entry of these types that was dropped; 0 when none was. */
  lastDropped(names: readonly string[]): number {
    let last = 0;
    for (const name of names) last = Math.max(last, this.#lines.get(name)?.lastDropped ?? this.#forgotten);
    return last;
  }

  /** Entries of these types after number `after`, in order, at most `limit`. */
  read(names: readonly string[], after: number, limit: number): Entry[] {
    const cursors = [...new Set(names)].flatMap((name) => {
      const entries = this.#lines.get(name)?.entries;
      return entries === undefined ? [] : [{ entries, next: entries.search((entry) => entry.seq > after) }];
    });
    const found: Entry[] = [];
    while (found.length < limit) {
      let least: { entries: Deque<Entry>; next: number } | undefined;
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

  #lineOf(name: string): Line {
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
