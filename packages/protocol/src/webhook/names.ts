/** Headers of a webhook delivery, as they are sent (HOOK-9). Receivers compare names without regard to case. */
export const WEBHOOK_HEADERS = {
  id: "webhook-id",
  timestamp: "webhook-timestamp",
  signature: "webhook-signature",
  subscriptionId: "X-MCP-Subscription-Id",
} as const;

/** Paths at a receiver's and at a server's origin that this contract reserves (HOOK-7, HOOK-16). */
export const WELL_KNOWN = {
  receiver: "/.well-known/mcp-webhook-receiver.json",
  jwks: "/.well-known/mcp-webhook-jwks.json",
} as const;

/** Difference between a delivery's timestamp and the receiver's clock from which it is refused, in milliseconds (HOOK-18). */
export const WEBHOOK_TOLERANCE_MS = 5 * 60_000;
