import type { FixtureType } from "./types/fixture-type";

/** How often a payload schema was changed, by kind. */
export interface SchemaChanges {
  readonly additions: number;
  readonly breaks: number;
}

/**
 * The payload schema of a type after some changes. Each addition is one more optional property. Each break lets the
 * type's number be of one more kind that readers of the schema before do not know; what could be emitted before can
 * still be emitted.
 */
export function changedPayloadSchema(
  type: FixtureType,
  { additions, breaks }: SchemaChanges,
): Record<string, unknown> {
  const { properties, ...schema } = structuredClone(type.definition.payloadSchema.json);
  const changed = { ...(properties as Record<string, Record<string, unknown>>) };
  for (let index = 1; index <= additions; index += 1) {
    changed[`added${index}`] = { type: "string", description: `Came with additive change ${index}.` };
  }
  if (breaks > 0) {
    const second = breaks % 2 === 1 ? "string" : "null";
    changed[type.number] = { ...changed[type.number], type: ["integer", second] };
  }
  return { ...schema, properties: changed };
}
