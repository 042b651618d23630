import type { Entry, NewEntry, UpstreamAdvance } from "@mcp-events/ordering";

/** Where an entry stands in the stream. */
export interface Place {
  /** Sequence of its message. */
  readonly message: number;
  readonly index: number;
}

/** What a replica remembers of an entry: all of it, or enough to find it again. */
export interface Kept {
  readonly seq: number;
  readonly name: string;
  readonly eventId: string;
  readonly audience: string | undefined;
  readonly upstream: NewEntry["upstream"];
  readonly appendedAt: number;
  readonly bytes: number;
  readonly place: Place;
  /** Sequence of the first message of its batch; the entry is gone when that is. */
  readonly first: number;
  /** Sequence of the last message of its batch. */
  readonly last: number;
  /** The entry itself, while there is room for it in memory. */
  entry: Entry | undefined;
}

/** A batch whose messages have all arrived. */
export interface Batch {
  readonly epoch: number;
  readonly writer: string;
  readonly batch: number;
  readonly seen: number;
  readonly repeats: boolean;
  readonly upstream: UpstreamAdvance | undefined;
  readonly entries: readonly { readonly entry: NewEntry; readonly bytes: number; readonly place: Place }[];
  /** Sequences of its first and its last message. */
  readonly first: number;
  readonly last: number;
  /** When the server took its last message, in milliseconds since the epoch. */
  readonly at: number;
}

/** Makes a whole entry of what a message holds. */
export function wholeEntry(
  entry: NewEntry,
  { seq, appendedAt, bytes }: Pick<Kept, "seq" | "appendedAt" | "bytes">,
): Entry {
  return Object.assign({}, entry, { seq, appendedAt, bytes });
}
