import type { JsonObject } from "@mcp-events/protocol";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { inputCompatible, payloadCompatible } from "./compatibility";

const json = (schema: z.ZodType): JsonObject => z.toJSONSchema(schema, { io: "input" }) as JsonObject;
const base = z.object({ a: z.string(), b: z.number().optional() });

describe("payloadCompatible", () => {
  it.each([
    ["equal", base, base],
    ["an optional property more", base, base.extend({ c: z.string().optional() })],
    ["a required property more", base, base.extend({ c: z.string() })],
    ["an optional property that is always there now", base, z.object({ a: z.string(), b: z.number() })],
    ["other words", base, base.describe("other")],
    ["numbers that are whole now", base, z.object({ a: z.string(), b: z.int().optional() })],
    ["fewer values of an enum", z.object({ a: z.enum(["x", "y"]) }), z.object({ a: z.enum(["x"]) })],
    ["more in a nested object", z.object({ o: base }), z.object({ o: base.extend({ c: z.string() }) })],
    ["no null any more", z.object({ a: z.string().nullable() }), z.object({ a: z.string() })],
    [
      "more in the items",
      z.object({ l: z.array(base) }),
      z.object({ l: z.array(base.extend({ c: z.null() })) }),
    ],
  ])("LIST-4: additive: %s", (_, before, after) => {
    expect(payloadCompatible(json(before), json(after))).toBe(true);
  });

  it.each([
    ["a property is gone", base, z.object({ a: z.string() })],
    ["a property may be absent now", base, base.partial()],
    ["another type", base, base.extend({ a: z.number() })],
    ["null where there was none", base, base.extend({ a: z.string().nullable() })],
    ["more values of an enum", z.object({ a: z.enum(["x"]) }), z.object({ a: z.enum(["x", "y"]) })],
    [
      "a closed object gets a property",
      z.strictObject({ a: z.string() }),
      z.strictObject({ a: z.string(), b: z.string() }),
    ],
    ["a nested property is gone", z.object({ o: base }), z.object({ o: z.object({ a: z.string() }) })],
    ["a longer string", z.object({ a: z.string().max(5) }), z.object({ a: z.string().max(6) })],
  ])("LIST-4: breaking: %s", (_, before, after) => {
    expect(payloadCompatible(json(before), json(after))).toBe(false);
  });

  it("LIST-4: what the comparison does not know counts as breaking", () => {
    const odd = (pattern: string) => ({ type: "object", properties: { a: { type: "string", pattern } } });
    expect(payloadCompatible(odd("a+"), odd("a+"))).toBe(true);
    expect(payloadCompatible(odd("a+"), odd("a"))).toBe(false);
    const ref = (type: string) => ({
      type: "object",
      properties: { a: { $ref: "#/$defs/x" } },
      $defs: { x: { type } },
    });
    expect(payloadCompatible(ref("string"), ref("string"))).toBe(true);
    expect(payloadCompatible(ref("string"), ref("number"))).toBe(false);
  });
});

describe("inputCompatible", () => {
  it.each([
    ["an optional argument more", base, base.extend({ c: z.string().optional() })],
    ["an argument that may be left out now", base, base.partial()],
    ["more values of an enum", z.object({ a: z.enum(["x"]) }), z.object({ a: z.enum(["x", "y"]) })],
    ["null is taken now", base, base.extend({ a: z.string().nullable() })],
    ["a longer string", z.object({ a: z.string().max(5) }), z.object({ a: z.string().max(6) })],
    [
      "closed, and one optional argument more",
      z.strictObject({ a: z.string() }),
      z.strictObject({ a: z.string(), b: z.string().optional() }),
    ],
  ])("LIST-4: additive: %s", (_, before, after) => {
    expect(inputCompatible(json(before), json(after))).toBe(true);
  });

  it.each([
    ["a new required argument", base, base.extend({ c: z.string() })],
    ["an argument is gone, which would make a filter everything", base, z.object({ a: z.string() })],
    ["an argument is required now", base, z.object({ a: z.string(), b: z.number() })],
    ["fewer values of an enum", z.object({ a: z.enum(["x", "y"]) }), z.object({ a: z.enum(["x"]) })],
    ["closed now", base, z.strictObject(base.shape)],
    ["another type", base, base.extend({ b: z.string().optional() })],
  ])("LIST-4: breaking: %s", (_, before, after) => {
    expect(inputCompatible(json(before), json(after))).toBe(false);
  });
});
