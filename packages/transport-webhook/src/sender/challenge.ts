import { createHash, timingSafeEqual } from "node:crypto";
import { type DeliveryError, isJsonObject, type WebhookMessage } from "@mcp-events/protocol";
import type { AttemptOutcome } from "./attempt";

/** Largest answer to a challenge that is read, in bytes. */
export const MAX_ECHO_BYTES = 4 * 1024;

/** A challenge and the message that carries it; used once. */
export interface Challenge {
  readonly nonce: string;
  readonly message: WebhookMessage;
}

/** A new challenge, in a control envelope with an id of its own (HOOK-11). */
export function newChallenge(randomBytes: (size: number) => Uint8Array): Challenge {
  const nonce = Buffer.from(randomBytes(32)).toString("base64url");
  const id = `msg_verification_${Buffer.from(randomBytes(16)).toString("base64url")}`;
  return { nonce, message: { id, body: JSON.stringify({ type: "verification", challenge: nonce }) } };
}

/** Why the endpoint is not verified by this answer; `undefined` when it is (HOOK-7). */
export function challengeFailure(nonce: string, outcome: AttemptOutcome): DeliveryError | undefined {
  if (outcome.kind === "failed") return outcome.error;
  if (outcome.kind === "cancelled" || outcome.status < 200 || outcome.status > 299) return "challenge_failed";
  return isEcho(nonce, outcome.body) ? undefined : "challenge_failed";
}

function isEcho(nonce: string, body: string | undefined): boolean {
  try {
    const echo: unknown = JSON.parse(body ?? "");
    if (!isJsonObject(echo) || typeof echo.challenge !== "string") return false;
    return timingSafeEqual(digest(echo.challenge), digest(nonce));
  } catch {
    return false;
  }
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
