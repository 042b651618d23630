import { describe, expect, expectTypeOf, it } from "vitest";
import * as z from "zod";
import { defineEvent } from "./define-event";

const code = expect.objectContaining({ code: "schema_unusable" });

describe("defineEvent (LIST-2)", () => {
  it("takes zod schemas, and gives their JSON Schema and their types", () => {
    const event = defineEvent("pull_request.opened", {
      description: "A pull request was opened",
      inputSchema: z.object({ repo: z.string().default("any") }),
      payloadSchema: z.object({ number: z.number() }),
    });
    expect(event.payloadSchema.json).toMatchObject({ type: "object", required: ["number"] });
    expect(event.inputSchema.json).not.toHaveProperty("required");
    expect(event.inputSchema.standard).toBeDefined();
    type Types = NonNullable<(typeof event)["~types"]>;
    expectTypeOf<Types["argumentsIn"]>().toEqualTypeOf<{ repo?: string | undefined }>();
    expectTypeOf<Types["arguments"]>().toEqualTypeOf<{ repo: string }>();
    expectTypeOf<Types["payload"]>().toEqualTypeOf<{ number: number }>();
  });

  it("takes JSON Schema itself, and no arguments by default", () => {
    const payloadSchema = { type: "object", properties: { n: { type: "number" } } };
    const event = defineEvent("n.changed", { description: "", payloadSchema, _meta: { a: 1 } });
    expect(event).toMatchObject({
      payloadSchema: { json: payloadSchema },
      inputSchema: { json: { type: "object", properties: {} } },
      _meta: { a: 1 },
    });
    expect(event.payloadSchema.standard).toBeUndefined();
    expect(defineEvent("n.changed", { description: "", payloadSchema })).not.toHaveProperty("_meta");
  });

  it("fails at define, naming the path, for what JSON Schema cannot say", () => {
    const define = (payloadSchema: z.ZodType) => () =>
      defineEvent("n.changed", { description: "", payloadSchema: payloadSchema as z.ZodObject });
    expect(define(z.object({ at: z.date() }))).toThrow(
      /defineEvent\("n.changed"\)\.payloadSchema\.at: cannot/,
    );
    expect(define(z.object({ deep: z.object({ n: z.bigint() }) }))).toThrow(/payloadSchema\.deep\.n: cannot/);
    expect(define(z.object({ at: z.date() }))).toThrow(code);
  });

  it("fails for a library's schema that gives no JSON Schema at all, and says what to do", () => {
    const validate = (value: unknown) => ({ value });
    const bare = { "~standard": { version: 1 as const, vendor: "acme", validate } };
    const define = () => defineEvent("n.changed", { description: "", payloadSchema: bare });
    expect(define).toThrow(/payloadSchema: this acme schema gives no JSON Schema/);
    expect(define).toThrow(code);
  });

  it("fails for a schema that is not one of an object, for no schema, and for an empty name", () => {
    const payloadSchema = { type: "object" };
    expect(() => defineEvent("n", { description: "", payloadSchema: { type: "string" } })).toThrow(
      /type is "string"/,
    );
    expect(() => defineEvent("n", { description: "", payloadSchema: z.array(z.string()) })).toThrow(
      /must describe/,
    );
    expect(() => defineEvent("n", { description: "", payloadSchema: 5 as never })).toThrow(/got number/);
    expect(() => defineEvent("n", { description: "", inputSchema: 5 as never, payloadSchema })).toThrow(
      /inputSchema/,
    );
    expect(() => defineEvent("", { description: "", payloadSchema })).toThrow(/name is empty/);
  });
});
