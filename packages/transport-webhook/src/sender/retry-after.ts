/** Longest wait that a receiver can ask for, in milliseconds: a day. */
const MAX_RETRY_AFTER_MS = 24 * 60 * 60_000;

/** `Retry-After` in milliseconds from `now`, in seconds or as an HTTP date; `undefined` when it is neither. */
export function retryAfterMs(header: string | undefined, now: number): number | undefined {
  if (header === undefined) return undefined;
  const text = header.trim();
  const ms = /^\d+$/.test(text)
    ? Number(text) * 1_000
    : / GMT$/.test(text)
      ? Date.parse(text) - now
      : Number.NaN;
  return Number.isNaN(ms) ? undefined : Math.min(Math.max(ms, 0), MAX_RETRY_AFTER_MS);
}
