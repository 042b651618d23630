import type { SubscriptionItem } from "@mcp-events/client";
import type { Context } from "./context";
import type { ItemFormat } from "./format/item";

/** How items are written, and when to stop. */
export interface FollowOptions {
  readonly format: ItemFormat;
  /** Events after which it is over; without it, it goes on until it is stopped. */
  readonly count?: number | undefined;
}

/**
 * Writes items as they come. Each is committed once it is written (ORD-9), so that what is killed in between comes
 * again rather than never. Resolves at the count, when the context's signal aborts, and when the server ends it.
 *
 * @throws OutputClosed; what the subscription ended with.
 */
export async function follow(
  { out, signal }: Pick<Context, "out" | "signal">,
  items: AsyncIterable<SubscriptionItem>,
  { format, count = Number.POSITIVE_INFINITY }: FollowOptions,
): Promise<void> {
  const iterator = items[Symbol.asyncIterator]();
  for (let events = 0; events < count; ) {
    const next = await nextUnlessAborted(iterator, signal);
    if (next === undefined || next.done === true) return;
    const item = next.value;
    await out.line(format(item));
    await item.commit();
    if (item.kind === "event") events += 1;
  }
}

/** The next item; `undefined` when the signal aborts first: what is handed out then was not written, and not committed. */
function nextUnlessAborted<T>(
  iterator: AsyncIterator<T>,
  signal: AbortSignal,
): Promise<IteratorResult<T> | undefined> {
  if (signal.aborted) return Promise.resolve(undefined);
  return new Promise((resolve, reject) => {
    const onAbort = () => resolve(undefined);
    signal.addEventListener("abort", onAbort, { once: true });
    iterator
      .next()
      .then(resolve, reject)
      .finally(() => signal.removeEventListener("abort", onAbort));
  });
}
