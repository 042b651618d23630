import { EventsError } from "@mcp-events/protocol";
import type { LogPosition } from "../contracts";

/** Options of a {@link Merge}. */
export interface MergeOptions {
  /** How long an input may keep the others waiting before it is asked for its position, in milliseconds; default 250. */
  readonly mergeWaitMs?: number | undefined;
  /** Items of one input that wait for the others at most; default 1,000. */
  readonly maxBuffered?: number | undefined;
}

/** Defaults of {@link MergeOptions}. */
export const MERGE_DEFAULTS = { mergeWaitMs: 250, maxBuffered: 1_000 } as const;

/** A place that can be compared with another one of the same log. */
export interface MergePosition extends LogPosition {
  readonly log: string;
}

interface Input<T> {
  readonly items: { at: MergePosition | undefined; item: T }[];
  /** No item to come is at or before it; `undefined` while unknown. */
  position: MergePosition | undefined;
  ended: boolean;
  /** When it began to keep the others waiting, or was asked last; in milliseconds. */
  waitingSince: number | undefined;
}

/**
 * Merges inputs of one log into one line in log order (ORD-5, ORDERING rule 24): an item is let out once every other
 * input's position has passed it. Inputs of different logs do not wait for each other, and items without a position are
 * let out as they come. Pure: the caller feeds items and positions, and asks the inputs named by {@link Merge.late}.
 */
export class Merge<K, T> {
  readonly #inputs = new Map<K, Input<T>>();
  readonly #mergeWaitMs: number;
  readonly #maxBuffered: number;

  /** @throws EventsError `option_invalid` when a bound is not positive. */
  constructor(inputs: Iterable<K>, options: MergeOptions = {}) {
    this.#mergeWaitMs = options.mergeWaitMs ?? MERGE_DEFAULTS.mergeWaitMs;
    this.#maxBuffered = options.maxBuffered ?? MERGE_DEFAULTS.maxBuffered;
    if (!(this.#mergeWaitMs >= 0))
      throw new EventsError("option_invalid", "mergeWaitMs must not be negative");
    if (!(this.#maxBuffered > 0)) throw new EventsError("option_invalid", "maxBuffered must be positive");
    for (const key of inputs) this.#inputs.set(key, newInput());
  }

  /** True when every input has ended and nothing waits. */
  get finished(): boolean {
    return [...this.#inputs.values()].every((input) => input.ended && input.items.length === 0);
  }

  /** Whether the input may be read; false while it leads and its bound is reached: cancel it, and read it again later from its cursor. */
  wants(key: K): boolean {
    const input = this.#inputs.get(key);
    return input !== undefined && !input.ended && input.items.length < this.#maxBuffered;
  }

  /** Takes the next item of an input; `at` is where it stands, absent for servers without positions. */
  offer(key: K, at: MergePosition | undefined, item: T): void {
    const input = this.#inputs.get(key);
    if (input === undefined || input.ended) return;
    input.items.push({ at, item });
    if (at !== undefined) this.position(key, at);
  }

  /** Takes an input's position: none of its items to come is at or before it. */
  position(key: K, at: MergePosition): void {
    const input = this.#inputs.get(key);
    if (input === undefined) return;
    const known = input.position;
    if (known === undefined || known.log !== at.log || comparePositions(known, at) < 0) input.position = at;
  }

  /** The input gives no more items; the others no longer wait for it. */
  end(key: K): void {
    const input = this.#inputs.get(key);
    if (input !== undefined) input.ended = true;
  }

  /** The next item in order; `undefined` while it has to wait. */
  next(): { readonly key: K; readonly item: T } | undefined {
    for (const [key, input] of this.#inputs) {
      const head = input.items[0];
      if (head === undefined || !this.#mayLeave(input, head.at)) continue;
      input.items.shift();
      return { key, item: head.item };
    }
    return undefined;
  }

  /** Inputs that keep others waiting for longer than `mergeWaitMs`, to be asked for their position; each once per wait. */
  late(now: number): K[] {
    const late: K[] = [];
    for (const [key, input] of this.#inputs) {
      if (!this.#keepsWaiting(input)) {
        input.waitingSince = undefined;
        continue;
      }
      input.waitingSince ??= now;
      if (now - input.waitingSince < this.#mergeWaitMs) continue;
      input.waitingSince = now;
      late.push(key);
    }
    return late;
  }

  /** Whether something waits for an input that has not told its position. */
  get waiting(): boolean {
    return [...this.#inputs.values()].some((input) => this.#keepsWaiting(input));
  }

  #mayLeave(input: Input<T>, at: MergePosition | undefined): boolean {
    if (at === undefined) return true;
    for (const other of this.#inputs.values()) {
      if (other !== input && holdsBack(other, at)) return false;
    }
    return true;
  }

  #keepsWaiting(input: Input<T>): boolean {
    if (input.ended || input.items.length > 0) return false;
    for (const other of this.#inputs.values()) {
      const at = other.items[0]?.at;
      if (other !== input && at !== undefined && holdsBack(input, at)) return true;
    }
    return false;
  }
}

function newInput<T>(): Input<T> {
  return { items: [], position: undefined, ended: false, waitingSince: undefined };
}

/** Whether an input could still bring something before `at`. */
function holdsBack(input: Input<unknown>, at: MergePosition): boolean {
  const head = input.items[0];
  if (head !== undefined) {
    if (head.at === undefined || head.at.log !== at.log) return false;
    return comparePositions(head.at, at) < 0;
  }
  if (input.ended) return false;
  if (input.position === undefined) return true;
  return input.position.log === at.log && comparePositions(input.position, at) < 0;
}

/** Less than 0 when `a` comes before `b` in the same log, by (epoch, seq). */
export function comparePositions(a: LogPosition, b: LogPosition): number {
  return a.epoch - b.epoch || a.seq - b.seq;
}
