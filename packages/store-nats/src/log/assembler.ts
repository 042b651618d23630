import type { Batch } from "./kept";
import type { BatchPart } from "./message";

/** A message of the stream. */
export interface Arrived {
  readonly part: BatchPart;
  readonly message: number;
  readonly at: number;
}

/** Puts the parts of batches together. A writer sends one batch at a time, so a new one ends the one before. */
export class Assembler {
  readonly #open = new Map<string, Arrived[]>();

  /** The batch that a message completes. */
  take(arrived: Arrived): Batch | undefined {
    const { part } = arrived;
    if (part.parts === 1) {
      this.#open.delete(part.writer);
      return batchOf([arrived]);
    }
    const before = this.#open.get(part.writer);
    const continues = before !== undefined && before[0]!.part.batch === part.batch;
    const parts = continues ? before : [];
    if (parts.length !== part.part) return undefined;
    parts.push(arrived);
    this.#open.set(part.writer, parts);
    if (parts.length < part.parts) return undefined;
    this.#open.delete(part.writer);
    return batchOf(parts);
  }

  clear(): void {
    this.#open.clear();
  }
}

function batchOf(arrived: readonly Arrived[]): Batch {
  const { epoch, writer, batch, seen, repeats, upstream } = arrived[0]!.part;
  const { message: last, at } = arrived.at(-1)!;
  const entries = arrived.flatMap(({ part, message }) =>
    part.entries.map((entry, index) => ({ entry, bytes: part.sizes[index] ?? 0, place: { message, index } })),
  );
  return { epoch, writer, batch, seen, repeats, upstream, entries, first: arrived[0]!.message, last, at };
}
