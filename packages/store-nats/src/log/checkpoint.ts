import type { KV, KvEntry } from "@nats-io/kv";

/** What the replicas of a log agree on beside its stream. */
export interface Checkpoint {
  readonly v: 1;
  readonly epoch: number;
  readonly salt: string;
  /** When the stream was created, as its server says: another time is another stream. */
  readonly created: string;
  /** The stream's last message when the epoch began: later ones belong to it only when they say so. */
  readonly base: number;
  /** Messages up to this one were given out, and are summed up below. */
  readonly through: number;
  /** The last entry of each event type. */
  readonly names: readonly { readonly name: string; readonly seq: number }[];
  /** Event types that are not listed have no entry after this number. */
  readonly others: number;
  readonly groups: readonly {
    readonly group: string;
    readonly cursor: string | null;
    readonly seq: number;
  }[];
}

/** A stored checkpoint. */
export interface StoredCheckpoint {
  readonly checkpoint: Checkpoint;
  readonly revision: number;
}

/** Reads what is stored under `key`. */
export async function readCheckpoint(kv: KV, key: string): Promise<StoredCheckpoint | undefined> {
  const entry: KvEntry | null = await kv.get(key);
  if (entry === null || entry.operation !== "PUT") return undefined;
  return { checkpoint: entry.json<Checkpoint>(), revision: entry.revision };
}

/** What fits into `maxBytes`: upstream groups that moved longest ago are left out. */
export function encodeCheckpoint(checkpoint: Checkpoint, maxBytes: number): string {
  let { groups } = checkpoint;
  for (;;) {
    const text = JSON.stringify({ ...checkpoint, groups });
    if (text.length * 3 < maxBytes || Buffer.byteLength(text) < maxBytes || groups.length === 0) return text;
    groups = groups.slice(Math.ceil(groups.length / 4));
  }
}
