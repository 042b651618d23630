import { type AnyEventDefinition, defineEvent, type JsonObject } from "@mcp-events/protocol";
import { type Example, kindDescriptions } from "./examples";

/**
 * The event types that a set of recorded deliveries becomes, one for each `kind.action`, in the order of their names.
 * Each payload schema asks for what all recordings of the type have in common, and stays open.
 */
export function defineEventTypes(examples: readonly Example[]): AnyEventDefinition[] {
  const descriptions = kindDescriptions();
  return [...byType(examples)]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([type, recordings]) =>
      defineEvent(type, {
        description: describe(type, descriptions.get(recordings[0]?.kind ?? "")),
        payloadSchema: commonSchema(recordings.map(({ payload }) => payload)),
      }),
    );
}

/** The recorded deliveries by the event type they become. */
export function byType(examples: readonly Example[]): Map<string, Example[]> {
  const groups = new Map<string, Example[]>();
  for (const example of examples) {
    const group = groups.get(example.type);
    if (group === undefined) groups.set(example.type, [example]);
    else group.push(example);
  }
  return groups;
}

function describe(type: string, kind: string | undefined): string {
  const sentence = kind === undefined || kind === "" ? "" : `: ${kind.replaceAll(/\s+/g, " ").trim()}`;
  return `GitHub webhook ${type}${sentence}`;
}

function commonSchema(payloads: readonly JsonObject[]): JsonObject {
  const [first = {}, ...others] = payloads;
  const required = Object.keys(first).filter((name) =>
    others.every((other) => jsonType(other[name]) === jsonType(first[name])),
  );
  const properties = Object.fromEntries(required.map((name) => [name, { type: jsonType(first[name]) }]));
  return { type: "object", properties, required };
}

function jsonType(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  return typeof value;
}
