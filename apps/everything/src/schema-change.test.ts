import { expect, it } from "vitest";
import { changedPayloadSchema } from "./schema-change";
import { FIXTURE_TYPES } from "./types";

it.each(FIXTURE_TYPES.map((type) => [type.definition.name, type] as const))(
  "LIST-4: %s can be changed in both ways, each change from the last, and its definition stays as it was",
  (_name, type) => {
    const original = structuredClone(type.definition.payloadSchema.json);
    const first = changedPayloadSchema(type, { additions: 1, breaks: 1 });
    const second = changedPayloadSchema(type, { additions: 2, breaks: 2 });
    expect(first.properties).toMatchObject({
      added1: { type: "string" },
      [type.number]: { type: ["integer", "string"] },
    });
    expect(second.properties).toMatchObject({
      added2: { type: "string" },
      [type.number]: { type: ["integer", "null"] },
    });
    expect(second.required).toEqual(original.required);
    expect(type.definition.payloadSchema.json).toEqual(original);
  },
);
