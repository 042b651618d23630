import { fromBase64Url } from "../json";

const PREFIX = "whsec_";
const MIN_BYTES = 24;
const MAX_BYTES = 64;
const GENERATED_BYTES = 32;

/**
 * The key inside a webhook secret: `whsec_` and base64 of 24 to 64 bytes; URL-safe and unpadded base64 are understood
 * (HOOK-5). `undefined` when it is not one.
 */
export function webhookKey(secret: string): Uint8Array<ArrayBuffer> | undefined {
  if (!secret.startsWith(PREFIX)) return undefined;
  const key = bytesOf(secret.slice(PREFIX.length));
  return key !== undefined && key.length >= MIN_BYTES && key.length <= MAX_BYTES ? key : undefined;
}

/** A new webhook secret of 32 random bytes, in standard, padded base64 (HOOK-5). */
export function generateWebhookSecret(): string {
  const key = crypto.getRandomValues(new Uint8Array(GENERATED_BYTES));
  return PREFIX + btoa(String.fromCharCode(...key));
}

function bytesOf(base64: string): Uint8Array<ArrayBuffer> | undefined {
  try {
    return Uint8Array.from(fromBase64Url(base64), (char) => char.charCodeAt(0));
  } catch {
    return undefined;
  }
}
