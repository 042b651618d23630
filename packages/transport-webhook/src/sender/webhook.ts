import type { ServerTransport, WebhookSender } from "@mcp-events/protocol";
import { Identity, type IdentityKey, type PublicJwk } from "./identity";
import { type JwksHandlers, jwksHandlers } from "./jwks";
import { resolveSenderOptions, type WebhookSenderOptions } from "./options";
import { refuseBun } from "./refuse-bun";
import { NodeWebhookSender } from "./webhook-sender";

/** The adapter that {@link webhook} makes. */
export interface WebhookTransport extends ServerTransport {
  readonly webhookSender: WebhookSender;
  /** The public keys of the server's identity, as they stand at the well-known path (HOOK-16). */
  jwks(): { keys: PublicJwk[] };
  /** Serves them. */
  readonly jwksHandler: JwksHandlers["node"];
  /** Serves them on web-standard servers; `undefined`: the request is not for it. */
  readonly jwksFetch: JwksHandlers["fetch"];
  /**
   * Takes other identity keys, the one that signs first. To rotate: publish the new one behind the old, wait five minutes,
   * put it first, and later leave the old one out.
   *
   * @throws EventsError `option_invalid` when a key is not ed25519, or two have the same `kid`.
   */
  setKeys(keys: readonly IdentityKey[]): void;
  /** Cuts connections and posts under way. */
  close(): Promise<void>;
}

/**
 * The webhook adapter of a server: posts, signs, verifies endpoints, and keeps posts away from addresses that are not
 * public (HOOK-5, HOOK-7, HOOK-9, HOOK-15). It recognises no MCP transport.
 *
 * @throws EventsError `option_invalid` naming the option; on Bun, always: it has a module of its own for `undici`, and posts
 *   would go to addresses that were not checked.
 */
export function webhook(options: WebhookSenderOptions = {}): WebhookTransport {
  refuseBun(process.versions);
  const resolved = resolveSenderOptions(options);
  const { hosts, loopback } = resolved.exceptions;
  if (loopback || hosts.size > 0) {
    resolved.logger.warn("webhook: posts to addresses that are not public are allowed", {
      allowLoopback: loopback,
      allowHosts: [...hosts],
    });
  }
  const identity = new Identity(resolved.identityKeys);
  const sender = new NodeWebhookSender(resolved, identity);
  const handlers = jwksHandlers(identity);
  return {
    name: "webhook",
    connect: () => undefined,
    webhookSender: sender,
    jwks: () => identity.jwks(),
    jwksHandler: handlers.node,
    jwksFetch: handlers.fetch,
    setKeys: (keys) => identity.setKeys(keys),
    close: () => sender.close(),
  };
}
