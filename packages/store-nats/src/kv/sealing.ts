import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from "node:crypto";
import type { StoredSubscription } from "@mcp-events/ordering";
import { EventsError } from "@mcp-events/protocol";
import type { SecretKey } from "../options";

type Secrets = StoredSubscription["secrets"];

const ALGORITHM = "aes-256-gcm";
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** A subscription's secrets as they are stored: encrypted, with the id of the key, or as they are. */
export type Sealed = { readonly key: string; readonly text: string } | Secrets;

interface Key {
  /** Tells keys apart, and nothing of the key. */
  readonly id: string;
  readonly bytes: Uint8Array;
}

/** Encrypts the secrets of subscriptions by the first of `secretKeys`, if there is one; reads with any of them. */
export class Sealing {
  readonly #keys: readonly Key[];

  constructor(secretKeys: readonly SecretKey[]) {
    this.#keys = secretKeys.map(derived);
  }

  /** @param id - The subscription's: what was stored for one cannot be read as another's. */
  seal(secrets: Secrets, id: string): Sealed {
    const [key] = this.#keys;
    if (key === undefined) return secrets;
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv(ALGORITHM, key.bytes, nonce).setAAD(Buffer.from(id));
    const body = Buffer.concat([cipher.update(JSON.stringify(secrets), "utf8"), cipher.final()]);
    return { key: key.id, text: Buffer.concat([nonce, cipher.getAuthTag(), body]).toString("base64") };
  }

  /** @throws EventsError `store_unusable` when the key is not among those given, or what is stored was changed. */
  open(sealed: Sealed, id: string): Secrets {
    if (!("key" in sealed)) return sealed;
    const key = this.#keys.find((one) => one.id === sealed.key);
    if (key === undefined) throw unusable(id, "were encrypted by another key; give it in secretKey, too");
    const bytes = Buffer.from(sealed.text, "base64");
    const body = NONCE_BYTES + TAG_BYTES;
    try {
      const decipher = createDecipheriv(ALGORITHM, key.bytes, bytes.subarray(0, NONCE_BYTES))
        .setAAD(Buffer.from(id))
        .setAuthTag(bytes.subarray(NONCE_BYTES, body));
      const text = Buffer.concat([decipher.update(bytes.subarray(body)), decipher.final()]);
      return JSON.parse(text.toString()) as Secrets;
    } catch (cause) {
      throw unusable(id, "were changed in the store", cause);
    }
  }
}

function derived(key: SecretKey): Key {
  const part = (use: string, bytes: number) =>
    new Uint8Array(hkdfSync("sha256", key, "mcp-events store-nats", use, bytes));
  return { id: Buffer.from(part("id", 6)).toString("hex"), bytes: part("secrets", 32) };
}

function unusable(id: string, what: string, cause?: unknown): EventsError {
  return new EventsError("store_unusable", `natsStore: the secrets of subscription ${id} ${what}`, { cause });
}
