import { EventsError, isJsonObject } from "@mcp-events/protocol";
import { fromBase64 } from "./base64";

/** Keys with which a server shows who it is (HOOK-16). */
export interface PublicKeys {
  /** The keys known now; fetched first when need be. `undefined`: there are none to be had. */
  current(): Promise<readonly CryptoKey[] | undefined>;
  /** Fetched anew, for a signature that no known key made; `undefined` when they were fetched a short time ago. */
  refreshed?(): Promise<readonly CryptoKey[] | undefined>;
}

/** Keys of one document that are used at most. */
const MAX_KEYS = 16;
const ED25519_BYTES = 32;

/**
 * Public keys that were given by hand, as the JWK set a server publishes (HOOK-16).
 *
 * @throws EventsError `option_invalid` when there is no ed25519 key in it.
 */
export function fixedKeys(jwks: unknown): PublicKeys {
  const parts = publicParts(jwks);
  if (parts.length === 0) throw new EventsError("option_invalid", "identity has no ed25519 key (kty OKP)");
  let keys: Promise<CryptoKey[]> | undefined;
  return {
    current: () => {
      keys ??= importKeys(parts);
      return keys;
    },
  };
}

/** The ed25519 keys of a JWK set; whatever else is in it is passed over. `undefined` when it is not a JWK set. */
export async function keysOfJwks(jwks: unknown): Promise<readonly CryptoKey[] | undefined> {
  return isJsonObject(jwks) && Array.isArray(jwks.keys) ? importKeys(publicParts(jwks)) : undefined;
}

function publicParts(jwks: unknown): string[] {
  const keys = isJsonObject(jwks) && Array.isArray(jwks.keys) ? jwks.keys : [];
  return keys.flatMap((key) => (isEd25519(key) ? [key.x] : [])).slice(0, MAX_KEYS);
}

function isEd25519(key: unknown): key is { x: string } {
  if (!isJsonObject(key) || key.kty !== "OKP" || key.crv !== "Ed25519") return false;
  if (key.use !== undefined && key.use !== "sig") return false;
  return typeof key.x === "string" && fromBase64(key.x)?.length === ED25519_BYTES;
}

function importKeys(parts: readonly string[]): Promise<CryptoKey[]> {
  const keys = parts.map((x) => {
    const jwk = { kty: "OKP", crv: "Ed25519", x };
    return crypto.subtle.importKey("jwk", jwk, { name: "Ed25519" }, false, ["verify"]);
  });
  return Promise.all(keys);
}
