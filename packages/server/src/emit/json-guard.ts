import { EventsError, isJsonObject, type JsonObject } from "@mcp-events/protocol";

const MAX_DEPTH = 1_000;
/** What nests deeper is left to the parser. */
const MAX_PLAIN_DEPTH = 100;

/**
 * A copy of a value as JSON carries it, so that later changes to the original change nothing here.
 *
 * @param where - Names the value in the error.
 * @throws EventsError `payload_invalid` naming the path of what JSON cannot carry (BigInt, a cycle).
 */
export function jsonCopy(
  where: string,
  value: unknown,
): { readonly copy: JsonObject; readonly text: string } {
  if (!isJsonObject(value)) {
    throw new EventsError("payload_invalid", `${where}: must be an object, got ${kindOf(value)}`);
  }
  try {
    const text = JSON.stringify(value);
    const plain = plainCopy(value, 0);
    const copy: unknown = plain === UNLIKE_JSON ? JSON.parse(text) : plain;
    if (isJsonObject(copy)) return { copy, text };
    throw new TypeError(`its toJSON gives ${kindOf(copy)}, not an object`);
  } catch (cause) {
    const culprit = findCulprit(value, where, []);
    const reason = culprit ?? `${where}: ${(cause as Error).message}`;
    throw new EventsError("payload_invalid", `${reason}, so it cannot be written as JSON`, { cause });
  }
}

/** Says that JSON carries a value in another form, or not at all. */
const UNLIKE_JSON = Symbol();

/** A copy of what JSON carries as it is, in a fraction of the time that parsing takes; else {@link UNLIKE_JSON}. */
function plainCopy(value: unknown, depth: number): unknown {
  if (typeof value === "string" || typeof value === "boolean" || value === null) return value;
  if (typeof value === "number") return Number.isFinite(value) && !Object.is(value, -0) ? value : UNLIKE_JSON;
  if (typeof value !== "object" || "toJSON" in value || depth > MAX_PLAIN_DEPTH) return UNLIKE_JSON;
  return Array.isArray(value) ? plainArray(value, depth) : plainObject(value as JsonObject, depth);
}

function plainArray(value: readonly unknown[], depth: number): unknown {
  const copy: unknown[] = [];
  for (const part of value) {
    const plain = plainCopy(part, depth + 1);
    if (plain === UNLIKE_JSON) return UNLIKE_JSON;
    copy.push(plain);
  }
  return copy;
}

function plainObject(value: JsonObject, depth: number): unknown {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return UNLIKE_JSON;
  const copy: JsonObject = {};
  for (const key of Object.keys(value)) {
    const plain = plainCopy(value[key], depth + 1);
    if (plain === UNLIKE_JSON || key === "__proto__") return UNLIKE_JSON;
    copy[key] = plain;
  }
  return copy;
}

/** `path: what is wrong there` for the first part that JSON cannot carry. */
function findCulprit(value: unknown, path: string, above: readonly object[]): string | undefined {
  if (typeof value === "bigint") return `${path}: is a BigInt`;
  if (typeof value !== "object" || value === null) return undefined;
  if (above.includes(value)) return `${path}: refers back to what contains it`;
  if (above.length >= MAX_DEPTH) return `${path}: nests deeper than ${MAX_DEPTH} levels`;
  const inside = [...above, value];
  for (const [key, part] of Object.entries(value)) {
    const found = findCulprit(part, Array.isArray(value) ? `${path}[${key}]` : `${path}.${key}`, inside);
    if (found !== undefined) return found;
  }
  return undefined;
}

function kindOf(value: unknown): string {
  if (value === null) return "null";
  return Array.isArray(value) ? "an array" : typeof value;
}
