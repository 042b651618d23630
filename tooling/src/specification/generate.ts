import * as protocol from "@mcp-events/protocol";
import { compile } from "json-schema-to-typescript";
import * as z from "zod";
import { type SchemaComments, schemaComments } from "./comments";
import type { SpecificationDocument } from "./documents";

type JsonSchema = z.core.JSONSchema.JSONSchema;

/** A generated file: its place below `docs/specification/schema`, and what has to stand in it. */
export interface GeneratedFile {
  readonly name: string;
  readonly text: string;
}

const NOTE = "Generated from the zod schemas of packages/protocol by tooling/src/specification/write.ts.";

/** A specification's messages as JSON Schema and as TypeScript, with the comments of the sources as descriptions. */
export async function generate({ file, title, schemas }: SpecificationDocument): Promise<GeneratedFile[]> {
  const $defs = definitionsOf(schemas);
  const schema = { $schema: "https://json-schema.org/draft/2020-12/schema", title, $comment: NOTE, $defs };
  const types = await compile({ ...schema, title: "", $comment: "" } as never, "Messages", {
    bannerComment: `// ${title}\n// ${NOTE}`,
    additionalProperties: false,
    unreachableDefinitions: true,
    style: { printWidth: 110 },
  });
  return [
    { name: `${file}.schema.json`, text: `${JSON.stringify(schema, null, 2)}\n` },
    { name: `${file}.ts`, text: standalone(types) },
  ];
}

function definitionsOf(schemas: SpecificationDocument["schemas"]): Record<string, JsonSchema> {
  const registry = z.registry<{ id: string }>();
  for (const [id, schema] of Object.entries(schemas)) registry.add(schema, { id });
  const made = z.toJSONSchema(registry, { io: "input", uri: (id) => `#/$defs/${id}` });
  const comments = schemaComments();
  return Object.fromEntries(
    Object.entries(schemas).map(([id, schema]) => {
      const { $schema: _, $id: __, ...rest } = made.schemas[id] ?? {};
      return [id, described(withoutNames(rest) as JsonSchema, comments.get(sourceName(schema)))];
    }),
  );
}

/** What the packages call a schema. */
function sourceName(schema: z.ZodType): string {
  const found = Object.entries(protocol).find(([, value]) => (value as unknown) === schema);
  if (found === undefined)
    throw new Error("A schema of the specification is not exported by packages/protocol");
  return found[0];
}

function described(schema: JsonSchema, comments: SchemaComments | undefined): JsonSchema {
  if (comments === undefined) return schema;
  const properties = Object.entries(schema.properties ?? {}).map(([name, member]) => {
    const description = comments.members.get(name);
    return [name, description === undefined ? member : { description, ...(member as JsonSchema) }] as const;
  });
  const members = properties.length === 0 ? {} : { properties: Object.fromEntries(properties) };
  const { type, ...rest } = schema;
  return { description: comments.text, type, ...rest, ...members } as JsonSchema;
}

/** Every name is a string in JSON; saying so for each open object is noise. */
function withoutNames(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNames);
  if (typeof value !== "object" || value === null) return value;
  const kept = Object.entries(value).filter(([key]) => key !== "propertyNames");
  return Object.fromEntries(kept.map(([key, member]) => [key, withoutNames(member)]));
}

/** The definitions stand by themselves: without the object that holds them, and without what points to it. */
function standalone(types: string): string {
  return types
    .replace(/export interface Messages \{[^}]*\}\n/, "")
    .replace(/^ \* This interface was referenced by `Messages`.*\n \* via the `definition` .*\n/gm, "")
    .replace(/\n \*\n \*\//g, "\n */")
    .replace(/\n\/\*\*\n \*\/\n/g, "\n");
}
