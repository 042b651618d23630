/** Ticks one answer holds at most. */
export const PAGE_TICKS = 500;

/** How many ticks back the upstream remembers; what is older is truncated. */
export const MAX_TICKS_BACK = 10_000;

/** How far the clock may have stepped back, in milliseconds, before a cursor from the future is unreadable. */
export const MAX_STEP_BACK_MS = 60_000;

/** What the upstream answers to "which ticks since?". */
export interface TickAnswer {
  /** Numbers of the ticks, ascending. */
  readonly ticks: readonly number[];
  /** Number of the last tick asked about. */
  readonly cursor: string;
  readonly truncated: boolean;
  readonly hasMore: boolean;
  /** When it is worth asking again, in milliseconds. */
  readonly nextCheckMs: number;
}

/**
 * The upstream of `ticker.tick`: tick n happens at n × intervalMs after the Unix epoch, so that it can be asked "since
 * tick n" by anybody at any time, also by a process that was not there when the tick happened.
 *
 * @param cursor - Number of the last tick known, as text; `null` for "from now".
 */
export function ticksSince(cursor: string | null, intervalMs: number, now: number): TickAnswer {
  const current = Math.floor(now / intervalMs);
  const nextCheckMs = (current + 1) * intervalMs - now;
  const answer = { ticks: [], truncated: false, hasMore: false, nextCheckMs };
  if (cursor === null) return { ...answer, cursor: String(current) };

  const since = readTick(cursor);
  const furthest = current + Math.ceil(MAX_STEP_BACK_MS / intervalMs);
  if (since === undefined || since > furthest) return { ...answer, cursor: String(current), truncated: true };
  if (since >= current) return { ...answer, cursor };

  const from = Math.max(since, current - MAX_TICKS_BACK);
  const to = Math.min(current, from + PAGE_TICKS);
  return {
    ticks: Array.from({ length: to - from }, (_, index) => from + index + 1),
    cursor: String(to),
    truncated: from > since,
    hasMore: to < current,
    nextCheckMs,
  };
}

function readTick(cursor: string): number | undefined {
  const tick = /^\d{1,15}$/.test(cursor) ? Number(cursor) : Number.NaN;
  return Number.isSafeInteger(tick) ? tick : undefined;
}
