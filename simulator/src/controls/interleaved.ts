import type { Subscription, SubscriptionItem } from "@mcp-events/client";

/** Items of several subscriptions as they come, without any order between them: what `merge` must not be. */
export async function* interleaved(
  subscriptions: readonly Subscription[],
): AsyncGenerator<SubscriptionItem<unknown>> {
  const iterators = subscriptions.map((one) => one[Symbol.asyncIterator]());
  const next = iterators.map((one) => one.next());
  try {
    for (;;) {
      const { index, result } = await Promise.race(
        next.map((pending, index) => pending.then((result) => ({ index, result }))),
      );
      if (result.done) return;
      next[index] = iterators[index]!.next();
      yield result.value;
    }
  } finally {
    for (const one of iterators) void one.return?.();
  }
}
