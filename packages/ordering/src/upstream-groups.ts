import { EventsError } from "@mcp-events/protocol";
import type { NewEntry, UpstreamAdvance, UpstreamState } from "./contracts";

/**
 * Where the upstreams of check-backed event types stand, and which of their cursors the log knows (ORDERING rule 6).
 * Both are bounded: a group or a cursor that was forgotten is one the log does not know, which its readers are told.
 */
export class UpstreamGroups {
  readonly #states = new Map<string, UpstreamState>();
  readonly #marks = new Map<string, number>();

  constructor(
    private readonly maxGroups: number,
    private readonly maxCursors: number,
  ) {}

  state(group: string): UpstreamState | undefined {
    return this.#states.get(group);
  }

  /** All states that are remembered; the one moved longest ago first. */
  all(): IterableIterator<[group: string, state: UpstreamState]> {
    return this.#states.entries();
  }

  /** Takes a state over that was remembered elsewhere. */
  restore(group: string, state: UpstreamState): void {
    this.#states.set(group, state);
    this.#mark(group, state.cursor, state.seq);
  }

  /** Number after which the group's entries follow upstream cursor `cursor`. */
  locate(group: string, cursor: string | null): number | undefined {
    return this.#marks.get(markKey(group, cursor));
  }

  /** @throws EventsError `append_conflict` when the group does not stand at `from`. */
  require({ group, from }: UpstreamAdvance): void {
    const cursor = this.#states.get(group)?.cursor;
    if (cursor === from) return;
    throw new EventsError(
      "append_conflict",
      `append: upstream group ${group} stands at ${show(cursor)}, not at ${show(from)}; check again from there`,
      { retryable: true },
    );
  }

  /** Moves a group after its entries were appended: they, or what they repeat, lie in (`before`, `head`]. */
  advance(
    advance: UpstreamAdvance,
    entries: readonly Pick<NewEntry, "upstream">[],
    before: number,
    head: number,
  ): void {
    const { group, from, to } = advance;
    const old = this.#states.get(group);
    if (from !== undefined) this.#mark(group, from, before);
    for (const entry of entries) {
      if (entry.upstream?.group === group) this.#mark(group, entry.upstream.before, before);
    }
    const seq = entries.length > 0 ? head : (old?.seq ?? head);
    this.#mark(group, to, head);
    this.#states.delete(group);
    this.#states.set(group, { cursor: to, seq });
    trim(this.#states, this.maxGroups);
    trim(this.#marks, this.maxCursors);
  }

  /** The first place of a cursor counts: going on from there may repeat, but cannot miss. */
  #mark(group: string, cursor: string | null, seq: number): void {
    const key = markKey(group, cursor);
    const first = this.#marks.get(key) ?? seq;
    this.#marks.delete(key);
    this.#marks.set(key, first);
  }
}

function markKey(group: string, cursor: string | null): string {
  return JSON.stringify([group, cursor]);
}

function show(cursor: string | null | undefined): string {
  return cursor === undefined ? "no cursor yet" : JSON.stringify(cursor);
}

/** Forgets what was put in longest ago. */
function trim(map: Map<string, unknown>, max: number): void {
  while (map.size > max) map.delete(map.keys().next().value as string);
}
