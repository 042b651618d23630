import type { JsonObject } from "@mcp-events/protocol";
import type { Entry } from "./contracts";

/** One item of a view, shared by all readers that get it: treat it as immutable. */
export interface ReadItem {
  /** `gap`: stands for an entry whose evaluation was given up (rule 5), or that says the upstream skipped events (rule 6). */
  readonly kind: "event" | "gap";
  readonly entry: Entry;
  /** What `transform` made of the entry's data; empty in a gap. */
  readonly data: JsonObject;
  /** Number of the view's preceding item, or the point where this reader began if that is later. */
  readonly prev: number;
  /**
   * For an entry with an ordering key: number of the key's preceding item, or the point where this reader began if that
   * is later. For a key that was forgotten a greater number, never above `prev`: nothing is to be handed out ahead by it.
   */
  readonly keyPrev?: number | undefined;
}

/** What {@link Reader.take} answers. */
export interface Batch {
  readonly epoch: number;
  /** In log order; may be empty. */
  readonly items: readonly ReadItem[];
  /** The reader's position after this batch (rule 7): all of the view at or before it has been handed out. */
  readonly through: number;
  /** Retention overtook the reader: what lay in (`from`, `to`] before `items` is gone (CUR-6). */
  readonly truncated?: { readonly from: number; readonly to: number } | undefined;
  /** Whether taking again at once says more. */
  readonly more: boolean;
  /** Whether entries after `through` are still being evaluated; {@link Reader.takeReady} only. */
  readonly pending: boolean;
  /** Number of the log's last entry when the log was last read; never a position of the reader. */
  readonly head: number;
}
