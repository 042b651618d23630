import { createHmac, type KeyObject, sign as signWithKey } from "node:crypto";
import { EventsError, webhookKey } from "@mcp-events/protocol";

/** Keys of secrets that are kept decoded, at most. */
const KEPT_KEYS = 4_096;

/** What is signed: an id, a time and the bytes as they are sent (HOOK-9). */
export interface Signable {
  /** `webhook-id`. */
  readonly id: string;
  /** `webhook-timestamp`, in seconds. */
  readonly timestamp: number;
  readonly body: Buffer;
}

/** Signs deliveries with HMAC-SHA256, and with ed25519 where the server has an identity (HOOK-9, HOOK-16). */
export class Signer {
  readonly #keys = new Map<string, Buffer>();

  /**
   * The `webhook-signature` header: a `v1,` signature for each secret in the order given, then `v1a,` by the identity key.
   *
   * @throws EventsError `option_invalid` when a secret is not one (HOOK-5); the message does not hold it.
   */
  sign(message: Signable, secrets: readonly string[], identity?: KeyObject): string {
    const prefix = `${message.id}.${message.timestamp}.`;
    let header = "";
    for (const secret of secrets) {
      const hmac = createHmac("sha256", this.#keyOf(secret)).update(prefix).update(message.body);
      header += `${header === "" ? "" : " "}v1,${hmac.digest("base64")}`;
    }
    if (identity === undefined) return header;
    const signed = signWithKey(null, Buffer.concat([Buffer.from(prefix), message.body]), identity);
    return `${header}${header === "" ? "" : " "}v1a,${signed.toString("base64")}`;
  }

  #keyOf(secret: string): Buffer {
    const known = this.#keys.get(secret);
    if (known !== undefined) return known;
    const bytes = webhookKey(secret);
    if (bytes === undefined) throw new EventsError("option_invalid", "a webhook secret is malformed");
    const key = Buffer.from(bytes);
    if (this.#keys.size >= KEPT_KEYS) this.#keys.delete(this.#keys.keys().next().value!);
    this.#keys.set(secret, key);
    return key;
  }
}
