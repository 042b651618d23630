import { canonicalJson, type JsonObject } from "./json";

/** What makes two webhook subscriptions the same one (HOOK-3). */
export interface SubscriptionKey {
  /** The authenticated subject. */
  principal: string;
  /** The callback URL. */
  url: string;
  /** Name of the event type. */
  name: string;
  /** Arguments as the client sent them, before any schema touched them. */
  arguments?: JsonObject | undefined;
}

/**
 * The stable id of a webhook subscription: `sub_` and the first 128 bits of SHA-256 over the canonical key (HOOK-3).
 * The same after refresh and restart; no capability.
 */
export async function subscriptionId(key: SubscriptionKey): Promise<string> {
  const text = canonicalJson([key.principal, key.url, key.name, key.arguments ?? {}]);
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  const hex = Array.from(new Uint8Array(digest, 0, 16), (byte) => byte.toString(16).padStart(2, "0"));
  return `sub_${hex.join("")}`;
}
