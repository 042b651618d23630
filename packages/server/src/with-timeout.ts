import { type Clock, EventsError } from "@mcp-events/protocol";

/**
 * Runs `fn` with a signal that aborts after `ms` milliseconds or with `parent`; then the result no longer counts.
 *
 * @throws EventsError `timed_out` or `closed`, or what `fn` throws.
 */
export function withTimeout<T>(
  clock: Clock,
  ms: number,
  what: string,
  parent: AbortSignal | undefined,
  fn: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const own = new AbortController();
    const end = () => {
      cancel();
      parent?.removeEventListener("abort", onParent);
    };
    const fail = (error: unknown) => {
      end();
      reject(error);
      own.abort(error);
    };
    const onParent = () => fail(new EventsError("closed", `${what}: no longer wanted`));
    const cancel = clock.after(ms, () => {
      fail(new EventsError("timed_out", `${what} took longer than ${ms} ms`, { retryable: true }));
    });
    if (parent?.aborted) return onParent();
    parent?.addEventListener("abort", onParent, { once: true });
    const run = async () => fn(own.signal);
    run().then((value) => {
      end();
      resolve(value);
    }, fail);
  });
}
