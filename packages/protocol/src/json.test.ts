import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { canonicalJson, fromBase64Url, isJsonObject, toBase64Url, utf8Bytes } from "./json";
import { subscriptionId } from "./subscription-key";

describe("canonicalJson (HOOK-3, RFC 8785)", () => {
  it("gives the RFC's own example", () => {
    const value = JSON.parse(
      '{"numbers":[333333333.33333329,1E30,4.50,2e-3,0.000000000000000000000000001],' +
        String.raw`"string":"\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/","literals":[null,true,false]}`,
    );
    expect(canonicalJson(value)).toBe(
      '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],' +
        '"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
    );
  });

  it("is the same for equal values whatever the order of keys, and different for different ones [pitfall 37]", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
        const turned = Object.fromEntries(Object.entries(value).reverse());
        expect(canonicalJson(turned)).toBe(canonicalJson(value));
      }),
    );
    expect(canonicalJson({ at: "2025-01-01" })).not.toBe(canonicalJson({ at: "2026-01-01" }));
    expect(canonicalJson({ n: "1" })).not.toBe(canonicalJson({ n: 1 }));
  });

  it("refuses what is not JSON", () => {
    expect(() => canonicalJson(undefined)).toThrow(TypeError);
    expect(() => canonicalJson(() => 1)).toThrow(TypeError);
  });
});

describe("subscriptionId (HOOK-3)", () => {
  const key = {
    principal: "alice",
    url: "https://a.example/hook",
    name: "note.created",
    arguments: { a: 1, b: 2 },
  };

  it("is stable: pinned, and the same for any order of argument keys and for absent arguments", async () => {
    expect(await subscriptionId(key)).toBe("sub_083eb52c3002cbc12711cbd1b7752ca7");
    expect(await subscriptionId({ ...key, arguments: { b: 2, a: 1 } })).toBe(await subscriptionId(key));
    const { arguments: _, ...bare } = key;
    expect(await subscriptionId({ ...bare, arguments: {} })).toBe(await subscriptionId(bare));
  });

  it("differs by principal, url, name and arguments, also where their texts join alike [pitfall 35]", async () => {
    const keys = [
      key,
      { ...key, principal: "bob" },
      { ...key, url: "https://b.example/hook" },
      { ...key, name: "note.deleted" },
      { ...key, arguments: { a: 1 } },
      { ...key, principal: 'alice","https://a.example/hook' },
    ];
    expect(new Set(await Promise.all(keys.map(subscriptionId))).size).toBe(keys.length);
  });
});

describe("texts", () => {
  it("base64url both ways, and standard base64 in", () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        const binary = String.fromCharCode(...bytes);
        expect(toBase64Url(binary)).toMatch(/^[\w-]*$/);
        expect(fromBase64Url(toBase64Url(binary))).toBe(binary);
        expect(fromBase64Url(btoa(binary))).toBe(binary);
      }),
    );
  });

  it("counts bytes, not characters, and tells objects from arrays and null", () => {
    expect(utf8Bytes("a€😀")).toBe(8);
    expect([{}, [], null, "x", 1].map(isJsonObject)).toEqual([true, false, false, false, false]);
  });
});
