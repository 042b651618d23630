import type { WebhookRequestHeaders } from "../signature/headers";
import type { VerifyFailure } from "../signature/verify-webhook";

/** A request as the receiver takes it. */
export interface WebhookRequest {
  readonly method: string;
  /** Path of the request; a query is ignored. */
  readonly path: string;
  readonly headers: WebhookRequestHeaders;
  /** The bytes as they came, or as they come: read only when the request is for an open callback, and only so far. */
  readonly body: Uint8Array | AsyncIterable<Uint8Array>;
}

/** Why a request was refused for good, or for what it is. */
export type RefusalReason =
  | Exclude<VerifyFailure, "identity_unavailable">
  /** Nothing here has this path. */
  | "unknown_callback"
  | "closed_callback"
  | "wrong_method"
  | "too_large"
  /** The body broke off. */
  | "unreadable_body"
  /** Not JSON, not an object, or neither an event nor an envelope that is known. */
  | "malformed_body"
  /** `webhook-id` is neither the event's id nor a message's. */
  | "wrong_id"
  /** `X-MCP-Subscription-Id` names another subscription. */
  | "wrong_subscription";

/** Why a request is to be sent again. */
export type RetryReason =
  /** The taker said so: it could not hand it on yet. */
  | "refused"
  /** The body or the taker took longer than `answerWithinMs`; the taker may still accept it. */
  | "timed_out"
  /** The taker failed. */
  | "failed"
  /** The signature is not known, and the server has not answered with the subscription yet. */
  | "unsettled"
  | "identity_unavailable"
  | "busy"
  | "closing";

/** What became of a request. */
export type WebhookOutcome =
  /** It is safe with the taker. */
  | { readonly kind: "accepted" }
  | { readonly kind: "retry"; readonly reason: RetryReason }
  /** A challenge was answered (HOOK-7). */
  | { readonly kind: "verification" }
  /** A control envelope of a type that is not known: acknowledged, and left alone. */
  | { readonly kind: "ignored"; readonly type: string }
  /** The receiver document was asked for. */
  | { readonly kind: "document" }
  | { readonly kind: "refused"; readonly reason: RefusalReason }
  /** The path is not below the receiver's: for whoever else serves there. */
  | { readonly kind: "foreign" };

/** The receiver's answer to a request. */
export interface WebhookResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly outcome: WebhookOutcome;
}

const STATUS: Readonly<Record<RefusalReason, number>> = {
  unknown_callback: 404,
  closed_callback: 410,
  wrong_method: 405,
  too_large: 413,
  unreadable_body: 400,
  malformed_body: 400,
  missing_header: 400,
  malformed_timestamp: 400,
  wrong_id: 400,
  too_old: 401,
  too_new: 401,
  bad_signature: 401,
  bad_identity: 401,
  wrong_subscription: 401,
};

/** An answer that says no more than why. */
export function refused(reason: RefusalReason): WebhookResponse {
  const headers = reason === "wrong_method" ? { allow: "POST" } : {};
  return json(STATUS[reason], { error: reason }, { kind: "refused", reason }, headers);
}

/** 503: to be sent again (HOOK-18). */
export function retry(reason: RetryReason): WebhookResponse {
  return json(503, { error: reason }, { kind: "retry", reason });
}

/** 2xx without a body. */
export function accepted(outcome: WebhookOutcome): WebhookResponse {
  return { status: 200, headers: {}, body: "", outcome };
}

/** An answer with a JSON body. */
export function json(
  status: number,
  body: object,
  outcome: WebhookOutcome,
  headers: Readonly<Record<string, string>> = {},
): WebhookResponse {
  const all = { "content-type": "application/json", "cache-control": "no-store", ...headers };
  return { status, headers: all, body: JSON.stringify(body), outcome };
}
