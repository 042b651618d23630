import type { Outgoing } from "@mcp-events/ordering";
import type { DeliveryError, PostResult } from "@mcp-events/protocol";
import type { WebhookSettings } from "./options";

/** What follows from one attempt. */
export type Verdict =
  | { readonly kind: "accepted" }
  /** It is to be posted again at `at`, in milliseconds since the epoch. `error` is absent when it is no failure. */
  | {
      readonly kind: "retry";
      readonly at: number;
      readonly counts: boolean;
      readonly error?: DeliveryError | undefined;
    }
  /** Nothing more is tried; `refused`: the receiver said that it does not want it. */
  | { readonly kind: "exhausted"; readonly error: DeliveryError; readonly refused: boolean };

/** Wait before something refused behind an unsettled event is posted again, in milliseconds; it is posted at once when its turn comes. */
const BEHIND_MS = 250;

/** The kind of a failure, and nothing of the answer (HOOK-14). */
function errorOf(result: Exclude<PostResult, { kind: "cancelled" }>): DeliveryError {
  if (result.kind === "failed") return result.error;
  return result.status >= 500 ? "http_5xx" : "http_4xx";
}

/**
 * Decides what follows from an attempt (HOOK-12, ORDERING rules 11 and 14): 2xx is accepted, 410 and 413 are final for
 * the event, everything else is tried again with growing, jittered waits, `Retry-After` respected, until attempts or
 * time are used up.
 */
export function verdictOf(
  result: Exclude<PostResult, { kind: "cancelled" }>,
  outgoing: Pick<Outgoing<unknown>, "attempts" | "firstAttemptAt" | "behind">,
  settings: WebhookSettings,
  now: number,
  random: () => number,
): Verdict {
  const status = result.kind === "answered" ? result.status : 0;
  if (status >= 200 && status < 300) return { kind: "accepted" };
  const retryAfterMs = result.kind === "answered" ? (result.retryAfterMs ?? 0) : 0;
  if (status === 503 && outgoing.behind) {
    return { kind: "retry", at: now + Math.max(BEHIND_MS, retryAfterMs), counts: false };
  }
  const error = errorOf(result);
  if (status === 410 || status === 413) return { kind: "exhausted", error, refused: true };
  const tried = outgoing.attempts + 1;
  const wait = settings.firstRetryMs * settings.retryFactor ** (tried - 1) * (0.5 + random());
  const until = (outgoing.firstAttemptAt ?? now) + settings.retryWindowMs;
  // Who asks to be left alone for longer is asked a last time at the end.
  const at = Math.max(now + wait, Math.min(now + retryAfterMs, until));
  if (tried >= settings.maxAttempts || at > until) return { kind: "exhausted", error, refused: false };
  return { kind: "retry", at, counts: true, error };
}
