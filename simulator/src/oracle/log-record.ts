import type { Appended, NewEntry } from "@mcp-events/ordering";

/** One entry as the log has it. */
export interface Recorded {
  readonly epoch: number;
  readonly seq: number;
  readonly name: string;
  readonly n: number;
  readonly tag: number;
  readonly key: string | undefined;
  readonly audience: string | undefined;
}

/** What the logs of a run took, by the simulator's own account. */
export class LogRecord {
  readonly entries: Recorded[] = [];
  readonly #byNumber = new Map<number, Recorded>();
  /** In the order they began. */
  readonly epochs: number[] = [];
  /** Numbers at or below it may be gone, by epoch. */
  readonly retained = new Map<number, number>();
  /** Events that some subscription may have been given up for. */
  readonly givenUp = new Set<number>();
  /** Events that the log has twice, although it knew them. */
  readonly twice: number[] = [];

  begin(epoch: number): void {
    if (!this.epochs.includes(epoch)) this.epochs.push(epoch);
  }

  appended(entries: readonly NewEntry[], appended: readonly Appended[]): void {
    entries.forEach((entry, index) => {
      const { epoch, seq, duplicate } = appended[index]!;
      if (duplicate) return;
      const { name, orderingKey: key, audience } = entry;
      const { n, tag } = entry.data as { n: number; tag: number };
      if (this.#byNumber.has(n) && !this.isTruncated(n)) this.twice.push(n);
      const recorded = { epoch, seq, name, n, tag, key, audience };
      this.entries.push(recorded);
      this.#byNumber.set(n, recorded);
    });
  }

  /** The entry with a number of the oracle's. */
  of(n: number): Recorded | undefined {
    return this.#byNumber.get(n);
  }

  get epoch(): number {
    return this.epochs.at(-1) ?? 0;
  }

  /** Number of the last entry of the current epoch. */
  get head(): number {
    return this.entries.findLast(({ epoch }) => epoch === this.epoch)?.seq ?? 0;
  }

  /** The how manieth epoch it is, from 1: the same for equal runs. */
  ordinal(epoch: number): number {
    return this.epochs.indexOf(epoch) + 1;
  }

  /** Retention took what is there. */
  truncated(): void {
    this.retained.set(this.epoch, this.head);
  }

  /** Whether it was appended, and retention took it. */
  isTruncated(n: number): boolean {
    const entry = this.of(n);
    return entry !== undefined && entry.seq <= (this.retained.get(entry.epoch) ?? 0);
  }

  /** Whether a subscription may have been told that it is missing. */
  isExcused({ epoch, seq, n }: Recorded): boolean {
    return epoch !== this.epoch || seq <= (this.retained.get(epoch) ?? 0) || this.givenUp.has(n);
  }
}
