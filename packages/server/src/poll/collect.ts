import type { ReadItem } from "@mcp-events/ordering";
import type { Feed } from "../subscriptions/feed";

/** What one poll result tells. */
export interface PollPage {
  readonly items: readonly ReadItem[];
  /** Everything of the view at or before this number is told, here or before. */
  readonly through: number;
  /** Events before `items` are gone. */
  readonly truncated: boolean;
  readonly hasMore: boolean;
}

/**
 * Reads up to `maxEvents` events, looking at about `scanLimit` entries at most (POLL-3). A page ends before a hole or
 * a gap, unless it begins with one (ORDERING rule 4).
 */
export async function collectPage(feed: Feed, maxEvents: number, scanLimit: number): Promise<PollPage> {
  const items: ReadItem[] = [];
  const begin = feed.position;
  let through = begin;
  let truncated = false;
  for (;;) {
    const batch = await feed.take(maxEvents - items.length);
    if (batch.truncated !== undefined) {
      if (items.length > 0) return { items, through, truncated, hasMore: true };
      truncated = true;
    }
    for (const item of batch.items) {
      if (item.kind === "gap" && items.length > 0) return { items, through, truncated, hasMore: true };
      feed.passed(item);
      through = item.entry.seq;
      if (item.kind === "gap") truncated = true;
      else items.push(item);
    }
    through = batch.through;
    if (!batch.more) return { items, through, truncated, hasMore: false };
    if (items.length >= maxEvents || through - begin >= scanLimit) {
      return { items, through, truncated, hasMore: true };
    }
  }
}
