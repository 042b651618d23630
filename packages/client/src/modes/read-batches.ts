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
  let abort = () => {};
  const aborted = new Promise<undefined>((resolve) => {
    abort = () => resolve(undefined);
  });
  signal.addEventListener("abort", abort, { once: true });
  try {
    while (!signal.aborted) {
      const next = iterator.next();
      next.catch(() => {});
      const result = await Promise.race([next, aborted]);
      if (result === undefined || result.done) return;
      yield result.value;
    }
  } finally {
    signal.removeEventListener("abort", abort);
    iterator.return?.().catch(() => {});
  }
}
