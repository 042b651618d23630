import { held, type Requirements } from "./requirement";

/** Webhook subscriptions and deliveries. */
export const WEBHOOK_REQUIREMENTS: Requirements = {
  "HOOK-1": held("Subscribe takes url, secret, cursor and TTL; it answers with id, refreshBefore and cursor"),
  "HOOK-2": held("Only an authenticated principal may subscribe; a constant one is refused at configuration"),
  "HOOK-3": held("The id is derived from principal, url, name and arguments and survives restarts"),
  "HOOK-4": held(
    "The same key again is a refresh: new TTL, new secret with a grace window, suspension lifted",
  ),
  "HOOK-5": held(
    "Secrets have 24 to 64 bytes and urls are https, with one switch for loopback in development",
  ),
  "HOOK-6": held(
    "The granted TTL is at most what was asked or the server's floor; no expiry needs a durable store",
  ),
  "HOOK-7": held("An endpoint proves that it wants deliveries before the first one"),
  "HOOK-8": held("The challenge comes while subscribe is running, and the receiver is ready for it"),
  "HOOK-9": held("Deliveries are signed the Standard Webhooks way, anew for each attempt"),
  "HOOK-10": held("The cursor of a body is a contiguous watermark"),
  "HOOK-11": held("Control envelopes have a type and ids of their own kind"),
  "HOOK-12": held(
    "Retries are bounded in number and time; 410 and 413 are final for the event; no redirects",
  ),
  "HOOK-13": held("Suspension follows the rate of failures over an hour, not their count"),
  "HOOK-14": held("deliveryStatus tells the kind of the last error and nothing of the endpoint's answer"),
  "HOOK-15": held("Each attempt resolves the name, checks the address and connects to that address"),
  "HOOK-16": held("A server may sign with a published key of its own as well"),
  "HOOK-17": held("Unsubscribe names the key; an unknown one is not found"),
  "HOOK-18": held(
    "A receiver verifies raw bytes, freshness and repeats, and accepts only what is safe with it",
  ),
};
