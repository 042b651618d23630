import { createHash } from "node:crypto";
import { canonicalJson, type JsonObject } from "@mcp-events/protocol";

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

/** An id nobody else gives out: a version 4 UUID (OCC-2). */
export function randomEventId(random: () => number): string {
  const word = () => Math.floor(random() * 2 ** 32);
  const first = hex(word());
  const second = hex((word() & 0xffff_0fff) | 0x4000);
  const third = hex((word() & 0x3fff_ffff) | 0x8000_0000);
  const low = hex(word());
  return `${first}-${second.slice(0, 4)}-${second.slice(4)}-${third.slice(0, 4)}-${third.slice(4)}${low}`;
}

/** 32 bits as eight digits. */
function hex(word: number): string {
  return HEX[word >>> 24]! + HEX[(word >>> 16) & 255]! + HEX[(word >>> 8) & 255]! + HEX[word & 255]!;
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
