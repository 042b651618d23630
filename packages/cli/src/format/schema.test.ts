import { expect, it } from "vitest";
import { schemaLines } from "./schema";

it("shows properties with what is required, types, ranges and descriptions", () => {
  const schema = {
    type: "object",
    required: ["repo"],
    properties: {
      repo: { type: "string", description: "Owner and name." },
      limit: { type: "integer", minimum: 1, maximum: 100 },
      n: { type: "integer", minimum: -9_007_199_254_740_991, maximum: 9_007_199_254_740_991 },
      kind: { enum: ["a", "b"] },
      tags: { type: "array", items: { type: "string" } },
      either: { anyOf: [{ type: "string" }, { type: "null" }] },
      fixed: { const: 1 },
      any: true,
    },
  };
  expect(schemaLines(schema)).toEqual([
    "repo: string  Owner and name.",
    "limit?: integer 1…100",
    "n?: integer",
    'kind?: "a" | "b"',
    "tags?: list of string",
    "either?: string | null",
    "fixed?: 1",
    "any?: any",
  ]);
});

it("a schema that names nothing, or is no schema, has no lines", () => {
  expect([schemaLines({}), schemaLines({ properties: 7, required: "x" })]).toEqual([[], []]);
});
