import { canonicalJson, decodeCursor, encodeCursor, subscriptionId, webhookKey } from "@mcp-events/protocol";

/** Texts of JSON whose canonical form is worth a look: order of members, numbers, escapes, characters beyond the BMP. */
const JSON_TEXTS = [
  "{}",
  "[]",
  '{"b":1,"a":2}',
  '{"a":{"d":4,"c":3},"B":[3,{"z":1,"y":2}]}',
  "[1.0,1e3,1E-7,100000000000000000000000,0.1e1,-0,4.50,2e-3]",
  "[333333333.33333329,1e30,9007199254740993,5e-324]",
  '"\\u20ac$\\u000f\\nA\'B\\"\\\\\\\\\\"/"',
  '{"\\u20ac":"euro","\\r":"return","\\ufb33":"dalet","1":"one","\\ud83d\\ude00":"smile","\\u0080":"control","\\u00f6":"o"}',
  '{"":null,"true":false,"list":[true,null,""]}',
  ' { "spaces" : [ 1 , 2 ] } ',
];

const URL = "https://me.example/hooks/1";

const KEYS = [
  { principal: "alice", url: URL, name: "note.created", arguments: {} },
  { principal: "alice", url: URL, name: "note.created" },
  { principal: "alice", url: URL, name: "note.created", arguments: { author: "ann", tags: ["a", "b"] } },
  { principal: "alice", url: URL, name: "note.created", arguments: { tags: ["a", "b"], author: "ann" } },
  { principal: "alice", url: URL, name: "note.created", arguments: { tags: ["b", "a"], author: "ann" } },
  { principal: "bob", url: URL, name: "note.created", arguments: {} },
  { principal: "alice", url: `${URL}?a=1`, name: "note.created", arguments: {} },
  { principal: "alice", url: URL, name: "späť.東京", arguments: { n: 1.0, big: 1e21, none: null } },
];

const bytes = (count: number) =>
  btoa(String.fromCharCode(...Array.from({ length: count }, (_, index) => 255 - index)));
const urlSafe = (base64: string) => base64.replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");

const SECRETS = [
  ...[23, 24, 32, 64, 65].map((count) => `whsec_${bytes(count)}`),
  `whsec_${urlSafe(bytes(32))}`,
  `whsec_${bytes(32).replace(/=+$/, "")}`,
  bytes(32),
  `WHSEC_${bytes(32)}`,
  "whsec_",
  "whsec_!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!",
  "",
];

const POSITIONS = [
  { log: "events", epoch: 1, seq: 0 },
  { log: "events", epoch: 1_700_000_000_000, seq: 9_007_199_254_740_991 },
  { log: "späť", epoch: 2, seq: 7, upstream: { group: "g1", cursor: null } },
  { log: "events", epoch: 2, seq: 7, upstream: { group: "g1", cursor: "2026-01-01", lastEventId: "e7" } },
];

/** What a server may be sent in place of a cursor. */
const UNREADABLE = [
  "",
  "0",
  "1",
  "1!",
  "2WyJldmVudHMiLDEsMF0",
  "null",
  "../../etc",
  "1W10",
  "1eyJhIjoxfQ",
  "\u0000",
  "東京",
  "1".repeat(70_000),
];

export const canonicalVectors = () => ({
  description:
    "Canonical JSON by RFC 8785 (HOOK-3): `json` parsed and written canonically is `canonical`, character by character.",
  vectors: JSON_TEXTS.map((json) => ({ json, canonical: canonicalJson(JSON.parse(json)) })),
});

export const subscriptionVectors = async () => ({
  description:
    "Ids of webhook subscriptions as this implementation derives them (HOOK-3): `sub_` and the first 128 bits, in hex, of SHA-256 " +
    "over the canonical JSON of [principal, url, name, arguments]; absent arguments are {}. Another server may derive them in another " +
    "way, but rows with equal ids have to be one subscription, and rows with different ids different ones.",
  vectors: await Promise.all(KEYS.map(async (key) => ({ ...key, id: await subscriptionId(key) }))),
});

export const secretVectors = () => ({
  description:
    "Webhook secrets (HOOK-5): the bytes of the key in hex, or null for what a server refuses with InvalidParams. URL-safe and " +
    "unpadded base64 are understood; what is generated is standard and padded.",
  vectors: SECRETS.map((secret) => ({ secret, key: hex(webhookKey(secret)) })),
});

export const cursorVectors = () => ({
  description:
    "Cursors (CUR-1, CUR-6). `position` is what this implementation reads in its own cursors, null where it reads nothing. For another " +
    "implementation every row is unreadable: whatever it is, the answer is a result with `truncated: true` and a fresh cursor, never an " +
    "error. A text of one repeated character is `repeat` times `cursor`.",
  vectors: [
    ...POSITIONS.map((position) => ({ cursor: encodeCursor(position), position })),
    ...UNREADABLE.map((cursor) => ({
      ...(cursor.length > 100 ? { cursor: cursor.slice(0, 1), repeat: cursor.length } : { cursor }),
      position: decodeCursor(cursor) ?? null,
    })),
  ],
});

function hex(key: Uint8Array | undefined): string | null {
  return key === undefined ? null : Array.from(key, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
