import { existsSync, readFileSync, truncateSync } from "node:fs";
import type { PositionStore, StoredPosition } from "@mcp-events/ordering";
import { appendLine, type Observed, type ObservedGap, readLines } from "../result/record";

/** One line: a subscription's position, and what was handled to get there. */
interface PositionLine {
  readonly key: string;
  readonly position: StoredPosition | null;
  readonly handled: readonly Observed[];
}

/** One line: a gap that the handler was told of. */
type LedgerLine = PositionLine | ObservedGap;

/** What a ledger holds. */
export interface LedgerContents {
  readonly events: readonly Observed[];
  readonly gaps: readonly ObservedGap[];
}

/**
 * A handler's effect and its position in one file: each commit appends both in one line, so that a kill at any moment
 * leaves both or neither, and the effect happens exactly once (ORD-9). The handler stages its effect, then commits.
 */
export class Ledger implements PositionStore {
  readonly #positions = new Map<string, StoredPosition>();
  readonly #staged: Observed[] = [];
  #handled: number;

  /**
   * @param file - Read if it exists; a last line that a killed process left unfinished is cut off.
   * @param nameOf - The event type of the subscription whose position has this key.
   */
  constructor(
    private readonly file: string,
    private readonly nameOf: (key: string) => string,
  ) {
    cutUnfinishedLine(file);
    const lines = readLines<LedgerLine>(file);
    for (const { key, position } of lines.filter(isPosition)) {
      if (position === null) this.#positions.delete(key);
      else this.#positions.set(key, position);
    }
    this.#handled = contentsOf(lines).events.length;
  }

  /** Events whose effect is in the file. */
  get handled(): number {
    return this.#handled;
  }

  /** Holds an effect until the position that includes it is stored. */
  stage(event: Observed): void {
    this.#staged.push(event);
  }

  /** Writes a gap down at once: told twice is better than not at all. */
  gap(reason: string): void {
    appendLine(this.file, { gap: reason } satisfies ObservedGap);
  }

  get(key: string): StoredPosition | undefined {
    return this.#positions.get(key);
  }

  set(key: string, position: StoredPosition): void {
    const handled = this.#takeStaged(this.nameOf(key), position);
    appendLine(this.file, { key, position, handled } satisfies PositionLine);
    this.#positions.set(key, position);
    this.#handled += handled.length;
  }

  delete(key: string): void {
    appendLine(this.file, { key, position: null, handled: [] } satisfies PositionLine);
    this.#positions.delete(key);
  }

  /** Takes out what the position includes of a subscription. */
  #takeStaged(name: string, position: StoredPosition): Observed[] {
    const taken: Observed[] = [];
    for (let index = 0; index < this.#staged.length; ) {
      const event = this.#staged[index];
      if (event?.name === name && includes(position, event)) taken.push(...this.#staged.splice(index, 1));
      else index += 1;
    }
    return taken;
  }
}

/** Reads what a client's handler left behind. */
export function readLedger(file: string): LedgerContents {
  return contentsOf(readLines<LedgerLine>(file));
}

function contentsOf(lines: readonly LedgerLine[]): LedgerContents {
  const gaps = lines.filter((line): line is ObservedGap => !isPosition(line));
  return { events: lines.filter(isPosition).flatMap(({ handled }) => handled), gaps };
}

function isPosition(line: LedgerLine): line is PositionLine {
  return "key" in line;
}

function includes({ state }: StoredPosition, { epoch, seq }: Observed): boolean {
  if (state === undefined) return true;
  if (epoch !== state.epoch) return epoch < state.epoch;
  return seq <= state.through || state.ahead.some(([after, through]) => seq > after && seq <= through);
}

function cutUnfinishedLine(file: string): void {
  if (!existsSync(file)) return;
  const bytes = readFileSync(file);
  truncateSync(file, bytes.lastIndexOf("\n") + 1);
}
