import type { JsonObject } from "@mcp-events/protocol";
import { positionMeta } from "../wire/occurrence";
import { type Asked, storedAs, subscribeResult, verify } from "./asked";
import { DeliveryHealth } from "./health";
import type { Webhooks } from "./webhooks";

/**
 * Refreshes a subscription that another server owns (ORD-6): the record is replaced, which its owner hears of; the answer
 * is made of what the owner stored. `undefined` when it changed meanwhile.
 */
export async function refreshElsewhere(webhooks: Webhooks, asked: Asked): Promise<JsonObject | undefined> {
  const { engine, settings, sender, store } = webhooks;
  const { id, subscription } = asked;
  const before = await store.subscriptions.get(id);
  if (before === undefined) return undefined;
  const stored = storedAs(webhooks, asked, before);
  await verify(webhooks, stored, asked.signal);
  if ((await store.subscriptions.put(stored)) === undefined) return undefined;
  const place = await store.subscriptions.place(id);
  if (place === undefined) return undefined;
  const { type } = subscription;
  const log = engine.logOf(type.logName);
  const { epoch, through, upstream, health } = place;
  const cursor = type.replay ? log.cursor({ epoch, seq: through, upstream }) : null;
  const parts = { stored, subscription, cursor, positionMeta: positionMeta(log, epoch, through) };
  const status = new DeliveryHealth(settings, health).status(
    health?.suspended !== true,
    sender.throttledMs(stored.url),
  );
  return { ...subscribeResult(parts, false), deliveryStatus: status };
}
