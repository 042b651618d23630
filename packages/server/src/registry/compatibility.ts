import { canonicalJson, isJsonObject, type JsonObject } from "@mcp-events/protocol";

const ANNOTATIONS = new Set(
  "$schema $comment title description default examples deprecated readOnly writeOnly".split(" "),
);
const LOWER_BOUNDS = new Set("minimum exclusiveMinimum minLength minItems minProperties".split(" "));
const UPPER_BOUNDS = new Set("maximum exclusiveMaximum maxLength maxItems maxProperties".split(" "));

/**
 * Whether consumers that know `before` can go on with payloads of `after`: nothing they relied on is gone, and every
 * new payload still fits the old schema (LIST-4). What the comparison does not understand counts as incompatible.
 */
export function payloadCompatible(before: JsonObject, after: JsonObject): boolean {
  return keepsProperties(before, after) && accepts(before, after);
}

/** Whether arguments accepted by `before` mean the same under `after` (LIST-4); cautious as {@link payloadCompatible}. */
export function inputCompatible(before: JsonObject, after: JsonObject): boolean {
  return keepsProperties(before, after) && accepts(after, before);
}

/** Every property that `before` names, at any depth, is still named by `after`. */
function keepsProperties(before: unknown, after: unknown): boolean {
  if (!isJsonObject(before) || !isJsonObject(after)) return true;
  if (isJsonObject(before.properties)) {
    const properties = isJsonObject(after.properties) ? after.properties : {};
    for (const [name, schema] of Object.entries(before.properties)) {
      if (!(name in properties) || !keepsProperties(schema, properties[name])) return false;
    }
  }
  return keepsProperties(before.items, after.items);
}

/**
 * Whether `wide` takes everything that `narrow` takes. A property that `narrow` does not name counts as absent from
 * its values.
 */
function accepts(wide: unknown, narrow: unknown): boolean {
  if (wide === undefined || wide === true || narrow === false) return true;
  if (!isJsonObject(wide) || !isJsonObject(narrow)) return same(wide, narrow);
  if (!same(wide.$defs, narrow.$defs) || !same(wide.definitions, narrow.definitions)) return false;
  return Object.keys(wide).every((keyword) => ANNOTATIONS.has(keyword) || looser(keyword, wide, narrow));
}

/** Whether `wide` is no stricter than `narrow` in one keyword. */
function looser(keyword: string, wide: JsonObject, narrow: JsonObject): boolean {
  const limit = wide[keyword];
  const other = narrow[keyword];
  if (LOWER_BOUNDS.has(keyword)) return typeof other === "number" && other >= (limit as number);
  if (UPPER_BOUNDS.has(keyword)) return typeof other === "number" && other <= (limit as number);
  switch (keyword) {
    case "type":
      return typesOf(narrow).every((type) => takesType(typesOf(wide), type)) && typesOf(narrow).length > 0;
    case "enum":
    case "const":
      return values(narrow).length > 0 && values(narrow).every((value) => includes(values(wide), value));
    case "required":
      return list(limit).every((name) => list(other).includes(name));
    case "properties":
      return Object.entries(limit as JsonObject).every(([name, schema]) => {
        const known = isJsonObject(other) ? other[name] : undefined;
        return known === undefined || accepts(schema, known);
      });
    case "additionalProperties":
      return closes(wide, narrow);
    case "items":
      return other !== undefined && accepts(limit, other);
    case "anyOf":
      return branches(other, narrow).every((branch) => list(limit).some((choice) => accepts(choice, branch)));
    default:
      return same(limit, other);
  }
}

/** `additionalProperties` of `wide` against everything that `narrow` may carry beyond the properties of `wide`. */
function closes(wide: JsonObject, narrow: JsonObject): boolean {
  const allowed = wide.additionalProperties;
  if (allowed === true || (isJsonObject(allowed) && Object.keys(allowed).length === 0)) return true;
  if (!same(wide.patternProperties, narrow.patternProperties)) return false;
  const known = isJsonObject(wide.properties) ? wide.properties : {};
  const named = isJsonObject(narrow.properties) ? narrow.properties : {};
  const added = Object.keys(named).filter((name) => !(name in known));
  return (
    added.every((name) => accepts(allowed, named[name])) &&
    accepts(allowed, narrow.additionalProperties ?? true)
  );
}

/** The alternatives of `anyOf`; without one the whole schema is the only alternative. */
function branches(anyOf: unknown, schema: JsonObject): unknown[] {
  return Array.isArray(anyOf) ? anyOf : [schema];
}

function typesOf({ type, ...schema }: JsonObject): unknown[] {
  if (type !== undefined) return Array.isArray(type) ? type : [type];
  return values(schema).map((value) => (value === null ? "null" : typeof value));
}

function takesType(types: unknown[], type: unknown): boolean {
  return types.includes(type) || (type === "integer" && types.includes("number"));
}

function values(schema: JsonObject): unknown[] {
  return "const" in schema ? [schema.const] : list(schema.enum);
}

function includes(all: unknown[], value: unknown): boolean {
  return all.some((one) => same(one, value));
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

function same(a: unknown, b: unknown): boolean {
  if (a === undefined || b === undefined) return a === b;
  return canonicalJson(a) === canonicalJson(b);
}
