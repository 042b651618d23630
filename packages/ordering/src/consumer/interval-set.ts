/** Numbers greater than the first and at most the second. */
export type Interval = readonly [after: number, through: number];

/**
 * Which numbers are dealt with: all up to `base`, and merged intervals ahead of it (ORDERING, state of the consumer).
 */
export class IntervalSet {
  #base: number;
  readonly #ahead: Interval[] = [];

  constructor(base: number, ahead: readonly Interval[] = []) {
    this.#base = base;
    for (const [after, through] of ahead) this.add(after, through);
  }

  /** Everything at or before it is in the set. */
  get base(): number {
    return this.#base;
  }

  /** What is in the set beyond `base`: ascending, disjoint, not touching. */
  get ahead(): readonly Interval[] {
    return this.#ahead;
  }

  covers(seq: number): boolean {
    if (seq <= this.#base) return true;
    return this.#ahead.some(([after, through]) => after < seq && seq <= through);
  }

  /** Adds (`after`, `through`]. */
  add(after: number, through: number): void {
    if (through <= this.#base) return;
    if (after > this.#base) this.#insert(after, through);
    else this.#raise(through);
  }

  #raise(through: number): void {
    this.#base = through;
    let absorbed = 0;
    for (const [from, to] of this.#ahead) {
      if (from > this.#base) break;
      this.#base = Math.max(this.#base, to);
      absorbed += 1;
    }
    if (absorbed > 0) this.#ahead.splice(0, absorbed);
  }

  /** Whether adding (`after`, `through`] leaves one interval more than before. */
  grows(after: number, through: number): boolean {
    if (after <= this.#base) return false;
    return !this.#ahead.some(([from, to]) => from <= through && after <= to);
  }

  /** The parts of (`base`, `through`] that are not in the set. */
  missing(through: number): Interval[] {
    const parts: Interval[] = [];
    let at = this.#base;
    for (const [from, to] of this.#ahead) {
      if (from >= through) break;
      if (from > at) parts.push([at, from]);
      at = to;
    }
    if (at < through) parts.push([at, through]);
    return parts;
  }

  clone(): IntervalSet {
    return new IntervalSet(this.#base, this.#ahead);
  }

  #insert(after: number, through: number): void {
    const first = this.#ahead.findIndex(([, to]) => to >= after);
    if (first < 0) {
      this.#ahead.push([after, through]);
      return;
    }
    let end = first;
    let low = after;
    let high = through;
    for (; end < this.#ahead.length; end += 1) {
      const [from, to] = this.#ahead[end] as Interval;
      if (from > high) break;
      low = Math.min(low, from);
      high = Math.max(high, to);
    }
    this.#ahead.splice(first, end - first, [low, high]);
  }
}
