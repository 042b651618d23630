import type { NewEntry, UpstreamAdvance } from "@mcp-events/ordering";
import { EventsError, utf8Bytes } from "@mcp-events/protocol";

const VERSION = 1;

/** What the header of a batch takes, with room to spare. */
const HEADER_BYTES = 2_048;

/** What every message of a batch says. */
export interface BatchHeader {
  readonly v: 1;
  /** The log's epoch as its writer knew it. */
  readonly epoch: number;
  readonly writer: string;
  /** The writer's count of batches. */
  readonly batch: number;
  /** The message of the stream that the writer had read up to when it checked the batch. */
  readonly seen: number;
  /** Entries that the log has already were left out. */
  readonly repeats: boolean;
}

/** One message of the stream: a batch, or a part of one that is too large for one message. */
export interface BatchPart extends BatchHeader {
  readonly part: number;
  readonly parts: number;
  readonly upstream?: UpstreamAdvance | undefined;
  readonly entries: readonly NewEntry[];
  /** Size of each entry as JSON, in bytes. */
  readonly sizes: readonly number[];
}

/** An entry as JSON, and how large that is. */
export interface EncodedEntry {
  readonly json: string;
  readonly bytes: number;
}

/** Encodes an entry; throws what `JSON.stringify` throws. */
export function encodeEntry({ dataBytes: _, ...entry }: NewEntry): EncodedEntry {
  const json = JSON.stringify(entry);
  return { json, bytes: utf8Bytes(json) };
}

/** Splits a batch into messages of at most `maxBytes`. */
export function encodeBatch(
  header: BatchHeader,
  entries: readonly EncodedEntry[],
  upstream: UpstreamAdvance | undefined,
  maxBytes: number,
): string[] {
  const groups: EncodedEntry[][] = [[]];
  let room = maxBytes - HEADER_BYTES - (upstream === undefined ? 0 : utf8Bytes(JSON.stringify(upstream)));
  for (const entry of entries) {
    const bytes = entry.bytes + 10;
    if (bytes > room && groups.at(-1)!.length > 0) {
      groups.push([]);
      room = maxBytes - HEADER_BYTES;
    }
    groups.at(-1)!.push(entry);
    room -= bytes;
  }
  return groups.map((group, part) => {
    const head = {
      ...header,
      part,
      parts: groups.length,
      ...(part === 0 && { upstream }),
      sizes: group.map(({ bytes }) => bytes),
    };
    const json = JSON.stringify(head);
    return `${json.slice(0, -1)},"entries":[${group.map((entry) => entry.json).join(",")}]}`;
  });
}

/**
 * Reads a message of the stream; `undefined` when nobody of ours wrote it.
 *
 * @throws EventsError `store_unusable` when a newer version did: what it means is not known, and it must not be skipped.
 */
export function decodePart(text: string): BatchPart | undefined {
  const part = parsed(text);
  if (typeof part?.v !== "number" || !Array.isArray(part.entries)) return undefined;
  if (part.v === VERSION) return part as BatchPart;
  throw new EventsError(
    "store_unusable",
    `natsStore: the log holds messages of version ${part.v}, and this process knows ${VERSION} only; upgrade it`,
  );
}

function parsed(text: string): { readonly v?: unknown; readonly entries?: unknown } | undefined {
  try {
    return JSON.parse(text) ?? undefined;
  } catch {
    return undefined;
  }
}
