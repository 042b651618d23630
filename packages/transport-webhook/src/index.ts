// Runs anywhere: signatures, and receiving. What needs Node is in `@mcp-events/transport-webhook/node`.

export { type FetchHandlerOptions, fetchHandler } from "./receiver/fetch-handler";
export { type OrderedHandler, orderedHandler } from "./receiver/ordered-handler";
export type {
  OrderedEnd,
  OrderedEvent,
  OrderedGap,
  OrderedItem,
  OrderedPosition,
} from "./receiver/ordered-item";
export { ORDERED_DEFAULTS, type OrderedHandlerOptions } from "./receiver/ordered-options";
export type {
  RefusalReason,
  RetryReason,
  WebhookOutcome,
  WebhookRequest,
  WebhookResponse,
} from "./receiver/outcome";
export { type WebhookReceiverHandle, webhookReceiver } from "./receiver/receiver";
export { RECEIVER_DEFAULTS, type WebhookReceiverOptions } from "./receiver/receiver-options";
// For receivers of one's own.
export type { WebhookRequestHeaders } from "./signature/headers";
export { JWKS_DEFAULTS, type JwksOptions, jwksKeys } from "./signature/jwks-keys";
export { fixedKeys, type PublicKeys } from "./signature/public-keys";
export { type SignWebhookOptions, signWebhook } from "./signature/sign-webhook";
export {
  type VerifyFailure,
  type VerifyResult,
  type VerifyWebhookOptions,
  verifyWebhook,
} from "./signature/verify-webhook";
