import type { Message } from "@mcp-events/protocol";

/** An abort of its own that also follows `signal`; `unlink` lets go of `signal`. */
export function linkedAbort(signal: AbortSignal): { abort: AbortController; unlink: () => void } {
  const abort = new AbortController();
  const follow = () => abort.abort(signal.reason);
  if (signal.aborted) follow();
  signal.addEventListener("abort", follow, { once: true });
  return { abort, unlink: () => signal.removeEventListener("abort", follow) };
}

/** Reads a stream until it ends or `signal` aborts, whatever the stream does then. */
export async function* readBatches(
  messages: AsyncIterable<readonly Message[]>,
  signal: AbortSignal,
): AsyncGenerator<readonly Message[], void, void> {
  const iterator = messages[Symbol.asyncIterator]();
  let stop = () => {};
  const abort = () => stop();
  // Not a race with one promise for all: that would keep something of every batch until the end.
  const next = () =>
    new Promise<IteratorResult<readonly Message[]> | undefined>((resolve, reject) => {
      stop = () => resolve(undefined);
      iterator.next().then(resolve, reject);
    });
  signal.addEventListener("abort", abort, { once: true });
  try {
    while (!signal.aborted) {
      const result = await next();
      if (result === undefined || result.done) return;
      yield result.value;
    }
  } finally {
    signal.removeEventListener("abort", abort);
    iterator.return?.().catch(() => {});
  }
}
