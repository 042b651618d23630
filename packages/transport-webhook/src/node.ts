// What needs Node: posting webhooks, and receiving them with Node's own servers.
export { type NodeHandlerOptions, type NodeWebhookRequest, nodeHandler } from "./receiver/node-handler";
export type { Resolve, ResolvedAddress } from "./sender/guard";
export { generateIdentityKey, type IdentityKey, type PublicJwk } from "./sender/identity";
export { SENDER_DEFAULTS, type VerificationOptions, type WebhookSenderOptions } from "./sender/options";
export type { TlsOptions } from "./sender/pools";
export { type WebhookTransport, webhook } from "./sender/webhook";
