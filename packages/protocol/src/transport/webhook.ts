import type * as z from "zod";
import type { JsonObject } from "../json";
import type { ResequenceOffer } from "../schemas/ordering";
import type { deliveryErrorSchema } from "../schemas/webhook";

/** Why an attempt failed, and never more than that (HOOK-14). */
export type DeliveryError = z.output<typeof deliveryErrorSchema>;

// ---------------------------------------------------------------- the server's side

/** Whom a webhook subscription is posted to. */
export interface WebhookTarget {
  /** The callback URL, as the client sent it. */
  readonly url: string;
  readonly principal: string;
  readonly subscriptionId: string;
  /** All sign, the newest first (HOOK-4). */
  readonly secrets: readonly string[];
}

/** One body to post. */
export interface WebhookMessage {
  /** `webhook-id`. */
  readonly id: string;
  /** JSON. */
  readonly body: string;
}

/** What became of one attempt. */
export type PostResult =
  | {
      readonly kind: "answered";
      readonly status: number;
      /** `Retry-After` of the answer, in milliseconds from now. */
      readonly retryAfterMs?: number | undefined;
    }
  | { readonly kind: "failed"; readonly error: DeliveryError }
  /** The signal aborted before an answer came. */
  | { readonly kind: "cancelled" };

/** The sending half of a webhook transport: it knows endpoints and attempts, and nothing of subscriptions. */
export interface WebhookSender {
  /**
   * Refuses a callback URL that can be refused without asking anybody (HOOK-5).
   *
   * @throws WireError `InvalidParams`.
   */
  requireUrl(url: string): void;
  /**
   * Makes sure that the endpoint wants deliveries of this principal (HOOK-7); at once when that is known.
   *
   * @throws WireError `CallbackEndpointError` with `data.reason`; `ResourceExhausted` when its host is asked too often.
   */
  verify(target: WebhookTarget, signal: AbortSignal): Promise<void>;
  /**
   * One attempt (HOOK-9, HOOK-15): waits for a place at the endpoint's host, then makes the body, signs and posts it.
   * Never rejects; redirects are not followed.
   *
   * @param make - Called once, just before the body leaves; not called when it never does.
   */
  post(target: WebhookTarget, make: () => WebhookMessage, signal: AbortSignal): Promise<PostResult>;
  /** How long posts to the URL's host have to wait now, in milliseconds; `undefined` when they do not (HOOK-14). */
  throttledMs(url: string): number | undefined;
  /** Lets go of connections; what is under way is cut off. */
  close(): Promise<void>;
}

// ---------------------------------------------------------------- the client's side

/** What becomes of a delivery: `accepted` is answered 2xx, `retry` 503, so that it is sent again. */
export type DeliveryOutcome = "accepted" | "retry";

/** What a client gives for its callback. */
export interface CallbackOptions {
  /** Names the subscription; the same key has the same URL for as long as the receiver's base URL is the same. */
  readonly key: string;
  /**
   * Takes a verified delivery, an event or a control envelope other than `verification` (HOOK-11); resolves when it is
   * safe (HOOK-18). One that takes too long is answered 503, and is sent again.
   */
  take(body: JsonObject): Promise<DeliveryOutcome>;
}

/** One subscription's own callback; it answers verification challenges from the moment it is opened (HOOK-8). */
export interface WebhookCallback {
  readonly url: string;
  /** The secret to subscribe with. */
  readonly secret: string;
  /** Makes a new secret; the ones before are accepted until {@link settle} (HOOK-4). */
  rotate(): string;
  /** The server took the newest secret and answered with this id: older secrets end after a grace window. */
  settle(subscriptionId: string): void;
  /** Deliveries are answered 410 from now on. */
  close(): void;
}

/** The receiving half of a webhook transport, as an event client uses it. */
export interface WebhookReceiver {
  /** What each subscription offers (ORDERING rule 23); `undefined`: nothing, the sender keeps strict order. */
  readonly resequence: ResequenceOffer | undefined;
  /** Lifetime to ask for in milliseconds; `undefined`: the server's default; `null`: no expiry (HOOK-6). */
  readonly ttlMs: number | null | undefined;
  /** @throws EventsError `option_invalid` when a callback of this key is open. */
  open(options: CallbackOptions): Promise<WebhookCallback>;
}
