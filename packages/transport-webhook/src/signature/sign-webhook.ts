import { EventsError } from "@mcp-events/protocol";
import { toBase64 } from "./base64";
import { hmacKey } from "./hmac-keys";
import { signedContent } from "./signed-content";

/** What {@link signWebhook} signs. */
export interface SignWebhookOptions {
  /** `webhook-id`. */
  readonly id: string;
  /** `webhook-timestamp`: seconds since the epoch. */
  readonly timestamp: number;
  /** As it goes on the wire. */
  readonly body: string | Uint8Array;
  /** `whsec_…` (HOOK-5). */
  readonly secret: string;
}

/**
 * One signature of a webhook delivery, `v1,` and base64 of an HMAC-SHA256 (HOOK-9). Signatures by several secrets are
 * joined with a space.
 *
 * @throws EventsError `option_invalid` when the secret is not one.
 */
export async function signWebhook({ id, timestamp, body, secret }: SignWebhookOptions): Promise<string> {
  const key = await hmacKey(secret);
  if (key === undefined) {
    throw new EventsError("option_invalid", "secret must be whsec_ and base64 of 24 to 64 bytes");
  }
  return `v1,${toBase64(await crypto.subtle.sign("HMAC", key, signedContent(id, timestamp, body)))}`;
}
