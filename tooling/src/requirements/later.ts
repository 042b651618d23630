import { partly, type Requirements, tasks, webhooks } from "./requirement";

/** Webhooks: the contract of a transport that is still to come; the key of a subscription is here already. */
export const WEBHOOK_REQUIREMENTS: Requirements = {
  "HOOK-1": webhooks(
    "Subscribe takes url, secret, cursor and TTL; it answers with id, refreshBefore and cursor",
  ),
  "HOOK-2": webhooks(
    "Only an authenticated principal may subscribe; a constant one is refused at configuration",
  ),
  "HOOK-3": partly(
    "webhooks",
    "The id is derived from principal, url, name and arguments and survives restarts",
  ),
  "HOOK-4": webhooks(
    "The same key again is a refresh: new TTL, new secret with a grace window, suspension lifted",
  ),
  "HOOK-5": webhooks(
    "Secrets have 24 to 64 bytes and urls are https, with one switch for loopback in development",
  ),
  "HOOK-6": webhooks(
    "The granted TTL is at most what was asked or the server's floor; no expiry needs a durable store",
  ),
  "HOOK-7": webhooks("An endpoint proves that it wants deliveries before the first one"),
  "HOOK-8": webhooks("The challenge comes while subscribe is running, and the receiver is ready for it"),
  "HOOK-9": webhooks("Deliveries are signed the Standard Webhooks way, anew for each attempt"),
  "HOOK-10": webhooks("The cursor of a body is a contiguous watermark"),
  "HOOK-11": webhooks("Control envelopes have a type and ids of their own kind"),
  "HOOK-12": webhooks(
    "Retries are bounded in number and time; 410 and 413 are final for the event; no redirects",
  ),
  "HOOK-13": webhooks("Suspension follows the rate of failures over an hour, not their count"),
  "HOOK-14": webhooks("deliveryStatus tells the kind of the last error and nothing of the endpoint's answer"),
  "HOOK-15": webhooks("Each attempt resolves the name, checks the address and connects to that address"),
  "HOOK-16": webhooks("A server may sign with a published key of its own as well"),
  "HOOK-17": webhooks("Unsubscribe names the key; an unknown one is not found"),
  "HOOK-18": webhooks(
    "A receiver verifies raw bytes, freshness and repeats, and accepts only what is safe with it",
  ),
};

/** Tasks: completion and progress as events. */
export const TASK_REQUIREMENTS: Requirements = {
  "TASK-1": tasks("A task names its event source; a failed subscription is not a failed task"),
  "TASK-2": tasks(
    "The stream ends with the task, after what was emitted before, under the task's authorization",
  ),
};
