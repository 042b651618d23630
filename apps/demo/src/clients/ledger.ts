import { existsSync, readFileSync, truncateSync } from "node:fs";
import type { PositionStore, StoredPosition } from "@mcp-events/ordering";
import { appendLine, type Observed, type ObservedGap, readLines } from "../result/record";

/** One line: a subscription's position, and what was handled to get there. */
interface LedgerLine {
  readonly key: string;
  readonly position: StoredPosition | null;
  readonly handled: readonly (Observed | ObservedGap)[];
}

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
  readonly #staged: (Observed | (ObservedGap & { readonly seq?: undefined }))[] = [];
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
    for (const { key, position } of lines) {
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
  stage(effect: Observed | ObservedGap): void {
    this.#staged.push(effect as Observed);
  }

  get(key: string): StoredPosition | undefined {
    return this.#positions.get(key);
  }

  set(key: string, position: StoredPosition): void {
    const handled = this.#takeStaged(this.nameOf(key), position);
    appendLine(this.file, { key, position, handled } satisfies LedgerLine);
    this.#positions.set(key, position);
    this.#handled += handled.filter(isEvent).length;
  }

  delete(key: string): void {
    appendLine(this.file, { key, position: null, handled: [] } satisfies LedgerLine);
    this.#positions.delete(key);
  }

  /** Takes out what the position includes of a subscription. */
  #takeStaged(name: string, position: StoredPosition): (Observed | ObservedGap)[] {
    const taken: (Observed | ObservedGap)[] = [];
    for (let index = 0; index < this.#staged.length; ) {
      const effect = this.#staged[index];
      if (effect?.name === name && (effect.seq === undefined || includes(position, effect))) {
        taken.push(effect);
        this.#staged.splice(index, 1);
      } else index += 1;
    }
    return taken;
  }
}

/** Reads what a client's handler left behind. */
export function readLedger(file: string): LedgerContents {
  return contentsOf(readLines<LedgerLine>(file));
}

function contentsOf(lines: readonly LedgerLine[]): LedgerContents {
  const handled = lines.flatMap((line) => line.handled);
  const gaps = handled.filter((effect): effect is ObservedGap => !isEvent(effect));
  return { events: handled.filter(isEvent), gaps };
}

function isEvent(effect: Observed | ObservedGap): effect is Observed {
  return "eventId" in effect;
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
