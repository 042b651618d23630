import { createHash } from "node:crypto";
import { canonicalJson, type JsonObject } from "@mcp-events/protocol";

/** An id nobody else gives out: a version 4 UUID (OCC-2). */
export function randomEventId(random: () => number): string {
  const word = () =>
    Math.floor(random() * 2 ** 32)
      .toString(16)
      .padStart(8, "0");
  const hex = word() + word() + word() + word();
  const variant = (8 + (Number.parseInt(hex[16]!, 16) % 4)).toString(16);
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `4${hex.slice(13, 16)}`,
    variant + hex.slice(17, 20),
    hex.slice(20),
  ].join("-");
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
