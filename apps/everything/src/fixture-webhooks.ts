import type { Logger } from "@mcp-events/protocol";
import { generateIdentityKey, webhook } from "@mcp-events/transport-webhook/node";
import type { EverythingOptions } from "./options";

/** More than any test asks for: all its receivers are on one host. */
const LOOPBACK_VERIFICATIONS = 100_000;

/** The transport that posts webhooks; without `--allow-loopback-webhooks` to public https endpoints only (HOOK-15). */
export function fixtureWebhooks(options: EverythingOptions, logger: Logger) {
  const { allowLoopbackWebhooks, webhookTimeoutMs, webhookIdentity } = options;
  return webhook({
    allowLoopback: allowLoopbackWebhooks,
    timeoutMs: webhookTimeoutMs,
    logger,
    ...(allowLoopbackWebhooks && { verification: { perHostPerMinute: LOOPBACK_VERIFICATIONS } }),
    ...(webhookIdentity && { identity: { keys: [generateIdentityKey("everything")] } }),
  });
}

/** The webhook transport of the fixture. */
export type FixtureWebhooks = ReturnType<typeof fixtureWebhooks>;
