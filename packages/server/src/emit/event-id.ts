import { createHash } from "node:crypto";
import { canonicalJson, type JsonObject } from "@mcp-events/protocol";

/** An id nobody else gives out: a version 4 UUID (OCC-2). */
export function randomEventId(random: () => number): string {
  const hex = Array.from({ length: 32 }, () => Math.floor(random() * 16));
  hex[12] = 4;
  hex[16] = 8 + (hex[16]! % 4);
  const text = hex.map((digit) => digit.toString(16)).join("");
  return [0, 8, 12, 16, 20, 32]
    .slice(1)
    .map((end, index) => text.slice([0, 8, 12, 16, 20][index], end))
    .join("-");
}

/**
 * An id for an upstream's event that has none: the same whenever the upstream, asked from the same cursor, gives the
 * same data again, so that what is asked twice is recognised.
 *
 * @param group - Whose upstream.
 * @param before - The upstream's cursor before the batch.
 * @param nth - How many equal events of the batch come before this one.
 */
export function derivedEventId(group: string, before: string, data: JsonObject, nth: number): string {
  const hash = createHash("sha256").update(canonicalJson([group, before, data, nth]));
  return `evt_${hash.digest("base64url").slice(0, 22)}`;
}
