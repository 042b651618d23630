import { WireError } from "@mcp-events/protocol";
import { WebhookSubscription, type WebhookSubscriptionParts } from "./webhook-subscription";
import type { Webhooks } from "./webhooks";

/**
 * Makes a subscription and takes it in, unless things changed while it was made.
 *
 * @param delayMs - When its delivery begins.
 * @throws WireError `NotFound` or `InternalError` (retryable) when the event type is not what it was, or the server closes.
 */
export async function takeIn(
  webhooks: Webhooks,
  parts: WebhookSubscriptionParts,
  delayMs: number,
): Promise<WebhookSubscription> {
  const made = new WebhookSubscription(webhooks, parts);
  try {
    await made.prepare();
    requireOpen(webhooks);
    requireTerm(webhooks, parts.term);
    webhooks.engine.registry.requireCurrent(parts.subscription.type);
  } catch (error) {
    await made.stop();
    throw error;
  }
  webhooks.add(made, delayMs);
  return made;
}

/** @throws WireError when its lease ran out while it was made (ORDERING rule 12). */
function requireTerm({ owner }: Webhooks, term: number): void {
  if (owner.term !== term) throw new WireError("InternalError", "The lease ran out meanwhile; try again");
}

/** @throws WireError when the server is closing. */
export function requireOpen({ engine }: Webhooks): void {
  if (engine.closing.aborted) throw new WireError("InternalError", "The server is closing");
}
