import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type JsonWebKey,
  KeyObject,
} from "node:crypto";
import { EventsError } from "@mcp-events/protocol";

/** A key of the server's own: ed25519, named by `kid` (HOOK-16). */
export interface IdentityKey {
  readonly kid: string;
  /** A `KeyObject`, a JWK or PEM text. */
  readonly privateKey: KeyObject | JsonWebKey | string;
}

/** A public key as it is published. */
export interface PublicJwk {
  readonly kty: "OKP";
  readonly crv: "Ed25519";
  readonly use: "sig";
  readonly alg: "EdDSA";
  readonly kid: string;
  readonly x: string;
}

/** The server's identity: the first key signs, all are published, so that old and new stand side by side (HOOK-16). */
export class Identity {
  #signing: KeyObject | undefined;
  #published: readonly PublicJwk[] = [];

  constructor(keys: readonly IdentityKey[]) {
    this.setKeys(keys);
  }

  /** Signs; `undefined` when the server has no identity. */
  get signing(): KeyObject | undefined {
    return this.#signing;
  }

  /**
   * Takes other keys from now on; when one is not good, none.
   *
   * @throws EventsError `option_invalid` when a key is not ed25519, or two have the same `kid`.
   */
  setKeys(keys: readonly IdentityKey[]): void {
    const privateKeys = keys.map(privateKeyOf);
    if (new Set(keys.map(({ kid }) => kid)).size !== keys.length) throw invalid("two keys have the same kid");
    this.#published = privateKeys.map((key, index) => publicJwk(keys[index]!.kid, key));
    this.#signing = privateKeys[0];
  }

  /** What stands at the well-known path. */
  jwks(): { keys: PublicJwk[] } {
    return { keys: this.#published.map((key) => ({ ...key })) };
  }
}

/** A new ed25519 key; keep `privateKey` (PEM) secret and use it again, receivers know its public half. */
export function generateIdentityKey(kid: string): IdentityKey & { readonly privateKey: string } {
  const { privateKey } = generateKeyPairSync("ed25519");
  return { kid, privateKey: privateKey.export({ type: "pkcs8", format: "pem" }).toString() };
}

function privateKeyOf({ kid, privateKey }: IdentityKey): KeyObject {
  const key = parsed(kid, privateKey);
  if (key.type !== "private" || key.asymmetricKeyType !== "ed25519") {
    throw invalid(`the key ${JSON.stringify(kid)} is not a private ed25519 key`);
  }
  return key;
}

function parsed(kid: string, key: IdentityKey["privateKey"]): KeyObject {
  if (key instanceof KeyObject) return key;
  try {
    return typeof key === "string" ? createPrivateKey(key) : createPrivateKey({ key, format: "jwk" });
  } catch {
    throw invalid(`the key ${JSON.stringify(kid)} cannot be read`);
  }
}

function publicJwk(kid: string, privateKey: KeyObject): PublicJwk {
  const { x } = createPublicKey(privateKey).export({ format: "jwk" });
  return { kty: "OKP", crv: "Ed25519", use: "sig", alg: "EdDSA", kid, x: x! };
}

function invalid(reason: string): EventsError {
  return new EventsError("option_invalid", `webhook: identity: ${reason}`);
}
