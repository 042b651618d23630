import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from "node:crypto";
import type { StoredSubscription } from "@mcp-events/ordering";
import { EventsError } from "@mcp-events/protocol";
import type { SecretKey } from "./options";

type Secrets = StoredSubscription["secrets"];

const NONCE_BYTES = 12;
const TAG_BYTES = 16;

interface Key {
  /** Tells keys apart, and nothing of the key. */
  readonly id: string;
  readonly bytes: Uint8Array;
}

/** Secrets as they are kept: encrypted by the newest key (AES-256-GCM), or as they are when there is none. */
export class SecretBox {
  readonly #keys: readonly Key[];

  constructor(keys: readonly SecretKey[]) {
    this.#keys = keys.map(deriveKey);
  }

  /** Id of the key that encrypts now; `null`: none does. */
  get keyId(): string | null {
    return this.#keys[0]?.id ?? null;
  }

  /** @param id - The subscription's; what was kept for one cannot be read as another's. */
  seal(secrets: Secrets, id: string): string {
    const text = JSON.stringify(secrets);
    const key = this.#keys[0];
    if (key === undefined) return text;
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv("aes-256-gcm", key.bytes, nonce).setAAD(Buffer.from(id));
    const sealed = [nonce, cipher.update(text, "utf8"), cipher.final(), cipher.getAuthTag()];
    return Buffer.concat(sealed).toString("base64");
  }

  /** @throws EventsError `store_unusable` when the key is not there, or the text was changed. */
  open(sealed: string, keyId: string | null, id: string): Secrets {
    if (keyId === null) return JSON.parse(sealed);
    const key = this.#keys.find((one) => one.id === keyId);
    if (key === undefined)
      throw unreadable(id, `were encrypted with another key (${keyId}); give it in secretKey`);
    const bytes = Buffer.from(sealed, "base64");
    try {
      const end = bytes.length - TAG_BYTES;
      const decipher = createDecipheriv("aes-256-gcm", key.bytes, bytes.subarray(0, NONCE_BYTES))
        .setAAD(Buffer.from(id))
        .setAuthTag(bytes.subarray(end));
      const text = Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES, end)), decipher.final()]);
      return JSON.parse(text.toString());
    } catch (cause) {
      throw unreadable(id, "were changed in the file", cause);
    }
  }
}

function deriveKey(key: SecretKey): Key {
  const derive = (purpose: string, length: number) =>
    Buffer.from(hkdfSync("sha256", key, "mcp-events store-sqlite", purpose, length));
  return { bytes: derive("secrets", 32), id: derive("id", 6).toString("hex") };
}

function unreadable(id: string, why: string, cause?: unknown): EventsError {
  return new EventsError("store_unusable", `sqlite: the secrets of subscription ${id} ${why}`, { cause });
}
