import { EventsError, isJsonObject, type JsonObject } from "@mcp-events/protocol";

const MAX_DEPTH = 1_000;

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
    const copy: unknown = JSON.parse(text);
    if (isJsonObject(copy)) return { copy, text };
    throw new TypeError(`its toJSON gives ${kindOf(copy)}, not an object`);
  } catch (cause) {
    const culprit = findCulprit(value, where, []);
    const reason = culprit ?? `${where}: ${(cause as Error).message}`;
    throw new EventsError("payload_invalid", `${reason}, so it cannot be written as JSON`, { cause });
  }
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
