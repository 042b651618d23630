import {
  type HostRequest,
  type JsonObject,
  METHODS,
  unsubscribeParamsSchema,
  WireError,
} from "@mcp-events/protocol";
import { requireBoundedArguments } from "../subscriptions/subscription";
import { parseRequest } from "../wire/requests";
import { requirePrincipal } from "./require-principal";
import type { Webhooks } from "./webhooks";

/**
 * Answers `events/unsubscribe`: delivery stops, retries included (HOOK-17).
 *
 * @throws WireError `NotFound` with `{kind: "subscription"}` for a key that has none; `Forbidden` without a principal.
 */
export async function serveUnsubscribe(webhooks: Webhooks, request: HostRequest): Promise<JsonObject> {
  requireBoundedArguments(METHODS.unsubscribe, request.params, webhooks.engine.options.maxArgumentBytes);
  const params = parseRequest(METHODS.unsubscribe, unsubscribeParamsSchema, request.params);
  const principal = requirePrincipal(request);
  const { name, arguments: args, delivery } = params;
  const id = await webhooks.idOf({ principal, url: delivery.url, name, arguments: args });
  return webhooks.inTurn(id, async () => {
    if (!(await isKnown(webhooks, id))) {
      throw new WireError("NotFound", "There is no such subscription", { kind: "subscription" });
    }
    await webhooks.clear(id);
    await webhooks.store.subscriptions.delete(id);
    return { resultType: "complete" };
  });
}

/** Whether there is one, here or in the store, where an earlier process left it. */
async function isKnown(webhooks: Webhooks, id: string): Promise<boolean> {
  if (webhooks.has(id)) return webhooks.isEnding(id) || webhooks.find(id) !== undefined;
  const stored = await webhooks.store.subscriptions.get(id);
  if (stored === undefined) return false;
  return stored.expiresAt === null || stored.expiresAt > webhooks.engine.clock.now();
}
