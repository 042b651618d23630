import canonicalizeJson from "canonicalize";

/** A value that JSON can carry. */
export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

/** A JSON object. */
export type JsonObject = { [key: string]: unknown };

/** True for a plain object: not null, not an array. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * Canonical JSON of a value by RFC 8785: equal values give equal text, whatever the order of their keys (HOOK-3).
 *
 * @throws TypeError when the value is not JSON (a function, `undefined`, a non-finite number, a cycle).
 */
export function canonicalJson(value: unknown): string {
  const text = canonicalizeJson(value);
  if (text === undefined) throw new TypeError(`canonicalJson: a value of type ${typeof value} is not JSON`);
  return text;
}

const encoder = new TextEncoder();

/** Anything that takes more than one byte. */
const BEYOND_ASCII = /[^\0-\x7f]/;

/** Size of a text in bytes of UTF-8. */
export function utf8Bytes(text: string): number {
  return BEYOND_ASCII.test(text) ? encoder.encode(text).byteLength : text.length;
}

/** What base64 has and base64url has not. */
const BASE64_ONLY = /[+/=]/;

/** Base64url without padding, of text whose characters are all below U+0100. */
export function toBase64Url(binary: string): string {
  const text = btoa(binary);
  return BASE64_ONLY.test(text) ? text.replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "") : text;
}

/**
 * The reverse of {@link toBase64Url}; also takes standard and padded base64.
 *
 * @throws DOMException when the text is not base64.
 */
export function fromBase64Url(text: string): string {
  return atob(text.replaceAll("-", "+").replaceAll("_", "/"));
}
