import type { HostRequest } from "@mcp-events/protocol";
import type { Engine } from "../engine";
import type { Feed } from "../subscriptions/feed";
import type { Lease } from "../subscriptions/leases";

/**
 * Waits until there is something to tell, at most as long as client and server agree on (POLL-7). Answers false when
 * it ended without news (also because the server closes, which ends the lease), or did not wait: long polling is off, or too many wait already.
 */
export async function waitForNews(
  engine: Engine,
  request: HostRequest,
  timeoutMs: number,
  lease: Lease,
  feed: Feed,
): Promise<boolean> {
  const { longPollMs, maxLongPolls } = engine.options;
  const waitMs = Math.min(timeoutMs, longPollMs);
  if (waitMs <= 0 || engine.longPolls >= maxLongPolls || request.signal.aborted) return false;
  const end = new AbortController();
  const abort = () => end.abort();
  lease.waiting ??= new Set();
  lease.waiting.add(abort);
  request.signal.addEventListener("abort", abort, { once: true });
  const unwatch = lease.group?.watch(() => {});
  const cancel = engine.clock.after(waitMs, abort);
  engine.longPolls += 1;
  try {
    await feed.changed(end.signal);
    return !end.signal.aborted || lease.ended !== undefined;
  } finally {
    engine.longPolls -= 1;
    cancel();
    unwatch?.();
    request.signal.removeEventListener("abort", abort);
    lease.waiting.delete(abort);
    if (lease.waiting.size === 0) lease.waiting = undefined;
  }
}
