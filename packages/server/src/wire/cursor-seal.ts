import { createHmac, timingSafeEqual } from "node:crypto";
import type { CursorSeal } from "@mcp-events/protocol";

const TAG_BYTES = 16;

/** Signs cursors with HMAC-SHA256, cut to 128 bits. */
export function hmacSeal(key: string | Uint8Array): CursorSeal {
  const mac = (text: string) => createHmac("sha256", key).update(text).digest().subarray(0, TAG_BYTES);
  return {
    tag: (text) => mac(text).toString("base64url"),
    check(text, tag) {
      const given = Buffer.from(tag, "base64url");
      return given.length === TAG_BYTES && timingSafeEqual(given, mac(text));
    },
  };
}
