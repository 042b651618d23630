import { isObject, type Wire } from "../kit/expect";

/** The least value that a JSON Schema takes, or `undefined` when it gives nothing to go on. */
export function exampleOf(schema: Wire): Wire {
  if (!isObject(schema)) return undefined;
  if ("const" in schema) return schema.const;
  if ("default" in schema) return schema.default;
  if (Array.isArray(schema.enum)) return schema.enum[0];
  if (Array.isArray(schema.examples)) return schema.examples[0];
  const type = Array.isArray(schema.type) ? schema.type[0] : schema.type;
  if (type === "object" || isObject(schema.properties)) return exampleObject(schema);
  if (type === "array") return exampleArray(schema);
  if (type === "string") return exampleString(schema);
  if (type === "integer" || type === "number") return exampleNumber(schema);
  if (type === "boolean") return false;
  return type === "null" ? null : undefined;
}

function exampleObject({ required, properties = {} }: Record<string, Wire>): Wire {
  const names: string[] = Array.isArray(required) ? required : [];
  const entries = names.map((name) => [name, exampleOf(properties[name])] as const);
  return entries.some(([, value]) => value === undefined) ? undefined : Object.fromEntries(entries);
}

function exampleArray({ minItems = 0, items }: Record<string, Wire>): Wire {
  const item = exampleOf(items);
  return minItems > 0 && item === undefined ? undefined : Array.from({ length: minItems }, () => item);
}

function exampleString({ format, pattern, minLength = 0, maxLength }: Record<string, Wire>): Wire {
  if (pattern !== undefined) return undefined;
  if (format === "date-time") return "2026-01-01T00:00:00.000Z";
  return format === undefined ? "conformance".padEnd(minLength, "e").slice(0, maxLength) : undefined;
}

function exampleNumber({ minimum, exclusiveMinimum, maximum, multipleOf = 1 }: Record<string, Wire>): Wire {
  const least = minimum ?? (exclusiveMinimum === undefined ? 0 : exclusiveMinimum + 1);
  const value = Math.ceil(least / multipleOf) * multipleOf;
  return value > maximum ? Math.floor(maximum / multipleOf) * multipleOf : value;
}

/**
 * Arguments that a schema does not take; `undefined` when nothing of it can be broken on purpose.
 *
 * @param good - Arguments that it takes.
 */
export function wrongArguments(schema: Wire, good: Wire): Wire {
  const properties = Object.entries<Wire>(isObject(schema?.properties) ? schema.properties : {});
  const typed = properties.find(([, property]) => isObject(property) && property.type !== undefined);
  if (typed !== undefined) {
    const [name, { type }] = typed;
    const types = [type].flat();
    const wrong = [{ no: "such kind" }, 7, "x"].find((value) => !types.includes(kindOf(value)));
    if (wrong !== undefined) return { ...good, [name]: wrong };
  }
  if (schema?.additionalProperties === false) return { ...good, noSuchArgument: true };
  return undefined;
}

function kindOf(value: unknown): string {
  return typeof value === "number" ? "number" : typeof value;
}
