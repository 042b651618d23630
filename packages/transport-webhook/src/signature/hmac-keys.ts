import { webhookKey } from "@mcp-events/protocol";

/** Imported keys that are kept; beyond it the oldest is imported again when it is next used. */
const MAX_KEYS = 4_096;

const keys = new Map<string, Promise<CryptoKey>>();

/** The HMAC key of a webhook secret, imported once; `undefined` when it is not a secret (HOOK-5). */
export function hmacKey(secret: string): Promise<CryptoKey> | undefined {
  const known = keys.get(secret);
  if (known !== undefined) return known;
  const bytes = webhookKey(secret);
  if (bytes === undefined) return undefined;
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const key = crypto.subtle.importKey("raw", bytes, algorithm, false, ["sign", "verify"]);
  const [oldest] = keys.size >= MAX_KEYS ? keys.keys() : [];
  if (oldest !== undefined) keys.delete(oldest);
  keys.set(secret, key);
  return key;
}
