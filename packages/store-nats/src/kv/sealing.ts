import { createCipheriv, createDecipheriv, createHash, randomBytes } from "node:crypto";
import { EventsError } from "@mcp-events/protocol";

const ALGORITHM = "aes-256-gcm";
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const PREFIX = "enc1:";

/** Encrypts secrets before they are stored. */
export interface Sealing {
  seal(text: string): string;
  /** @throws EventsError `store_unusable` when another key was used. */
  open(sealed: string): string;
}

/** Secrets are stored as they are. */
const plain: Sealing = {
  seal: (text) => text,
  open(sealed) {
    if (!sealed.startsWith(PREFIX)) return sealed;
    throw new EventsError("store_unusable", "natsStore: secrets are encrypted, and no secretKey is given");
  },
};

/** Encrypts with AES-256-GCM, by a key derived from `secretKey`. */
export function sealing(secretKey: string | undefined): Sealing {
  if (secretKey === undefined) return plain;
  const key = createHash("sha256").update(`mcp-events store-nats ${secretKey}`).digest();
  return {
    seal(text) {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv(ALGORITHM, key, nonce);
      const sealed = Buffer.concat([cipher.update(text, "utf8"), cipher.final()]);
      return PREFIX + Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString("base64");
    },
    open(sealed) {
      if (!sealed.startsWith(PREFIX)) return sealed;
      const bytes = Buffer.from(sealed.slice(PREFIX.length), "base64");
      try {
        const decipher = createDecipheriv(ALGORITHM, key, bytes.subarray(0, NONCE_BYTES));
        decipher.setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
        const text = decipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES));
        return Buffer.concat([text, decipher.final()]).toString("utf8");
      } catch (cause) {
        throw new EventsError("store_unusable", "natsStore: secrets were encrypted with another secretKey", {
          cause,
        });
      }
    },
  };
}
