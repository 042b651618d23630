import { WEBHOOK_HEADERS, WEBHOOK_TOLERANCE_MS } from "@mcp-events/protocol";
import { fromBase64 } from "./base64";
import { headerOf, type WebhookRequestHeaders } from "./headers";
import { hmacKey } from "./hmac-keys";
import type { PublicKeys } from "./public-keys";
import { signedContent } from "./signed-content";

/** Why {@link verifyWebhook} refuses a delivery. */
export type VerifyFailure =
  | "missing_header"
  /** The timestamp is not a number of seconds. */
  | "malformed_timestamp"
  | "too_old"
  | "too_new"
  /** No secret made any of the signatures. */
  | "bad_signature"
  /** The server's own signature is missing, or no published key made it (HOOK-16). */
  | "bad_identity"
  /** The server's keys could not be had; to be asked again later. */
  | "identity_unavailable";

/** What {@link verifyWebhook} says. */
export type VerifyResult = { readonly ok: true } | { readonly ok: false; readonly reason: VerifyFailure };

/** What {@link verifyWebhook} looks at. */
export interface VerifyWebhookOptions {
  /** Any of them may have signed (HOOK-4). With none, the server's own signature is all there is to go by. */
  readonly secrets: readonly string[];
  readonly headers: WebhookRequestHeaders;
  /** The body as it came, before anything parsed it (HOOK-18). */
  readonly body: Uint8Array;
  /** In milliseconds since the epoch. */
  readonly now: number;
  /** Difference to `now` from which a timestamp is refused, in milliseconds; default five minutes. */
  readonly toleranceMs?: number | undefined;
  /** With them, `v1a,` signatures are looked at as well. */
  readonly publicKeys?: PublicKeys | undefined;
  /** Whether a `v1a,` signature has to be there (HOOK-16); default true when there are `publicKeys`. */
  readonly requireIdentity?: boolean | undefined;
}

/** Signatures of one delivery that are looked at. */
const MAX_SIGNATURES = 16;

/**
 * Verifies a webhook delivery (HOOK-18): fresh, and signed by one of the secrets over the raw bytes; compared in constant
 * time. Public keys are asked for only once a secret's signature fits. Never throws for anything that a peer sent.
 */
export async function verifyWebhook(options: VerifyWebhookOptions): Promise<VerifyResult> {
  const { headers, body, now, secrets } = options;
  const id = headerOf(headers, WEBHOOK_HEADERS.id);
  const timestamp = headerOf(headers, WEBHOOK_HEADERS.timestamp);
  const signature = headerOf(headers, WEBHOOK_HEADERS.signature);
  if (id === undefined || timestamp === undefined || signature === undefined) return no("missing_header");
  if (!/^\d{1,12}$/.test(timestamp)) return no("malformed_timestamp");
  const age = now - Number(timestamp) * 1_000;
  const tolerance = options.toleranceMs ?? WEBHOOK_TOLERANCE_MS;
  if (age > tolerance) return no("too_old");
  if (-age > tolerance) return no("too_new");

  const signatures = signature.split(" ").slice(0, MAX_SIGNATURES);
  const content = signedContent(id, timestamp, body);
  const { publicKeys, requireIdentity = true } = options;
  const byIdentityAlone = secrets.length === 0 && publicKeys !== undefined;
  if (!byIdentityAlone && !(await isSignedBy(secrets, bytesOf(signatures, "v1,"), content))) {
    return no("bad_signature");
  }
  if (publicKeys === undefined) return { ok: true };
  return identity(publicKeys, bytesOf(signatures, "v1a,"), content, requireIdentity || byIdentityAlone);
}

async function isSignedBy(
  secrets: readonly string[],
  signatures: readonly Uint8Array<ArrayBuffer>[],
  content: Uint8Array<ArrayBuffer>,
): Promise<boolean> {
  for (const secret of secrets) {
    const key = await hmacKey(secret);
    if (key !== undefined && (await isMadeBy([key], "HMAC", signatures, content))) return true;
  }
  return false;
}

async function identity(
  publicKeys: PublicKeys,
  signatures: readonly Uint8Array<ArrayBuffer>[],
  content: Uint8Array<ArrayBuffer>,
  required: boolean,
): Promise<VerifyResult> {
  if (signatures.length === 0) return required ? no("bad_identity") : { ok: true };
  const keys = await publicKeys.current();
  if (keys === undefined) return no("identity_unavailable");
  if (await isMadeBy(keys, "Ed25519", signatures, content)) return { ok: true };
  const fresh = await publicKeys.refreshed?.();
  if (fresh !== undefined && (await isMadeBy(fresh, "Ed25519", signatures, content))) return { ok: true };
  return no("bad_identity");
}

async function isMadeBy(
  keys: readonly CryptoKey[],
  algorithm: "HMAC" | "Ed25519",
  signatures: readonly Uint8Array<ArrayBuffer>[],
  content: Uint8Array<ArrayBuffer>,
): Promise<boolean> {
  for (const key of keys) {
    for (const signature of signatures) {
      if (await crypto.subtle.verify(algorithm, key, signature, content)) return true;
    }
  }
  return false;
}

function bytesOf(signatures: readonly string[], prefix: string): Uint8Array<ArrayBuffer>[] {
  return signatures.flatMap((text) =>
    text.startsWith(prefix) ? (fromBase64(text.slice(prefix.length)) ?? []) : [],
  );
}

function no(reason: VerifyFailure): VerifyResult {
  return { ok: false, reason };
}
