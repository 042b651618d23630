import type { Webhooks } from "./webhooks";

/** Takes note of what other servers on the same store do to its subscriptions; the returned function stops it. */
export function followStore(webhooks: Webhooks): () => void {
  const { engine, store } = webhooks;
  return store.subscriptions.watch((id) => {
    if (engine.closing.aborted) return;
    webhooks
      .inTurn(id, () => follow(webhooks, id))
      .catch((error: unknown) =>
        engine.logger.error("a change of a webhook subscription was not followed", {
          subscriptionId: id,
          error,
        }),
      );
  });
}

async function follow(webhooks: Webhooks, id: string): Promise<void> {
  if (webhooks.isEnding(id) || webhooks.engine.closing.aborted) return;
  const known = webhooks.live(id);
  if (known === undefined) return webhooks.restored.consider(id);
  const stored = await webhooks.store.subscriptions.get(id);
  if (stored === undefined) return webhooks.fenced(known);
  if (webhooks.live(id) !== known || stored.revision === known.stored.revision) return;
  await known.refresh(known.subscription, stored);
  if (webhooks.live(id) === known) webhooks.expires(known);
}
