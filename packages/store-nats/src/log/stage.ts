import type { NewEntry } from "@mcp-events/ordering";
import { EventIds } from "@mcp-events/ordering/store-kit";
import { EventsError } from "@mcp-events/protocol";
import { type EncodedEntry, encodeEntry } from "./message";
import type { Mirror } from "./mirror";

/** Where an entry of a batch is: in the log already, or the n-th of those that are new. */
export type Staged = { readonly known: number } | { readonly fresh: number; readonly repeats: boolean };

/** A batch checked against what its writer knows. */
export interface StagedBatch {
  readonly staged: readonly Staged[];
  readonly fresh: readonly EncodedEntry[];
}

/**
 * Finds which entries of a batch are new.
 *
 * @throws EventsError `event_id_conflict`; `payload_invalid` when an entry is not JSON.
 */
export function stage(mirror: Mirror, entries: readonly NewEntry[]): StagedBatch {
  const own = new EventIds<NewEntry & { readonly index: number }>();
  const fresh: EncodedEntry[] = [];
  const staged = entries.map((entry): Staged => {
    const known = mirror.find(entry);
    if (known !== undefined) return { known: known.seq };
    const again = own.find(entry, () => true);
    if (again !== undefined) return { fresh: again.index, repeats: true };
    own.add(Object.assign({}, entry, { index: fresh.length }));
    fresh.push(encode(entry));
    return { fresh: fresh.length - 1, repeats: false };
  });
  return { staged, fresh };
}

function encode(entry: NewEntry): EncodedEntry {
  try {
    return encodeEntry(entry);
  } catch (cause) {
    throw new EventsError(
      "payload_invalid",
      `append: event "${entry.eventId}" is not JSON: ${String(cause)}`,
      { cause },
    );
  }
}
