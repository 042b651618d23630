import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type CursorPosition, type CursorSeal, decodeCursor, encodeCursor } from "./cursor";

const position: fc.Arbitrary<CursorPosition> = fc.record(
  {
    log: fc.string({ unit: "binary" }),
    epoch: fc.maxSafeNat(),
    seq: fc.maxSafeNat(),
    upstream: fc.record(
      {
        group: fc.string({ unit: "binary" }),
        cursor: fc.option(fc.string({ unit: "binary" })),
        lastEventId: fc.string({ unit: "binary" }),
      },
      { requiredKeys: ["group", "cursor"] },
    ),
  },
  { requiredKeys: ["log", "epoch", "seq"] },
);

/** Not a secret seal, but one that tells texts apart. */
function seal(key: string): CursorSeal {
  const tag = (text: string) => {
    let sum = 7;
    for (const char of key + text) sum = (sum * 31 + char.charCodeAt(0)) % 1_000_000_007;
    return sum.toString(36);
  };
  return { tag, check: (text, given) => given === tag(text) };
}

const body = (value: unknown) => `1${btoa(JSON.stringify(value)).replaceAll("+", "-").replaceAll("/", "_")}`;

describe("cursor codec (CUR-1, CUR-6)", () => {
  it("gives back any position, unicode and lone surrogates included, as URL-safe ASCII", () => {
    fc.assert(
      fc.property(position, fc.boolean(), (position, sealed) => {
        const by = sealed ? seal("k") : undefined;
        const cursor = encodeCursor(position, by);
        expect(cursor).toMatch(/^1[\w-]+(\.\w+)?$/);
        expect(decodeCursor(cursor, by)).toEqual(position);
      }),
    );
  });

  it("reads anything else as unreadable, and never throws", () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string({ unit: "binary" }), fc.base64String()),
        fc.boolean(),
        (text, prefixed) => {
          expect(decodeCursor(prefixed ? `1${text}` : `2${text}`)).toBeUndefined();
        },
      ),
    );
  });

  it.each([
    ["empty", ""],
    ["another version", `2${body(["events", 1, 2]).slice(1)}`],
    ["not base64", "1*"],
    ["not JSON", `1${btoa("{")}`],
    ["an object", body({ log: "events" })],
    ["too few fields", body(["events", 1])],
    ["too many fields", body(["events", 1, 2, "g", "c", "e", "x"])],
    ["an upstream group without its cursor", body(["events", 1, 2, "g"])],
    ["a negative number", body(["events", 1, -1])],
    ["a fraction", body(["events", 1, 1.5])],
    ["a number beyond 2^53", body(["events", 1, 2 ** 53])],
    ["a number as text", body(["events", "1", 2])],
    ["a last event id of another kind", body(["events", 1, 2, "g", "c", 5])],
    ["huge", `1${"A".repeat(1024 * 1024)}`],
  ])("is unreadable: %s", (_what, cursor) => {
    expect(decodeCursor(cursor)).toBeUndefined();
  });

  it("with a seal: a forged position, another key's tag and a missing tag are unreadable", () => {
    const key = seal("mine");
    const genuine = encodeCursor({ log: "events", epoch: 1, seq: 2 }, key);
    const [text = "", tag = ""] = genuine.split(".");
    expect(decodeCursor(genuine, key)?.seq).toBe(2);
    expect(decodeCursor(`${body(["events", 1, 9])}.${tag}`, key)).toBeUndefined();
    expect(
      decodeCursor(encodeCursor({ log: "events", epoch: 1, seq: 2 }, seal("other")), key),
    ).toBeUndefined();
    expect(decodeCursor(text, key)).toBeUndefined();
  });
});
