import { isJsonObject, type JsonObject } from "@mcp-events/protocol";
import { safeJson, safeText } from "./safe-text";

/** The properties of a JSON Schema, one short line each: `repo: string`, `limit?: integer 1…100`. */
export function schemaLines(schema: JsonObject): string[] {
  const properties = isJsonObject(schema.properties) ? schema.properties : {};
  const required = Array.isArray(schema.required) ? schema.required : [];
  return Object.entries(properties).map(([name, property]) => {
    const mark = required.includes(name) ? "" : "?";
    return `${safeText(name)}${mark}: ${propertyText(property)}`;
  });
}

function propertyText(property: unknown): string {
  if (!isJsonObject(property)) return "any";
  const { description } = property;
  const text = [typeText(property), rangeText(property)].filter((part) => part !== "").join(" ");
  return typeof description === "string" ? `${text}  ${safeText(description)}` : text;
}

function typeText(property: JsonObject): string {
  if (property.const !== undefined) return safeJson(property.const);
  if (Array.isArray(property.enum)) return property.enum.map(safeJson).join(" | ");
  const choices = property.anyOf ?? property.oneOf;
  if (Array.isArray(choices)) {
    return [...new Set(choices.map((one) => (isJsonObject(one) ? typeText(one) : "any")))].join(" | ");
  }
  const { type, items } = property;
  if (type === "array") return `list of ${isJsonObject(items) ? typeText(items) : "any"}`;
  if (Array.isArray(type)) return type.map((one) => safeText(String(one))).join(" | ");
  return typeof type === "string" ? safeText(type) : "any";
}

function rangeText({ minimum, maximum }: JsonObject): string {
  const range = `${bound(minimum)}…${bound(maximum)}`;
  return range === "…" ? "" : range;
}

/** The bounds of a safe integer, which schema libraries add, say nothing to people. */
function bound(value: unknown): string {
  return typeof value === "number" && Math.abs(value) < Number.MAX_SAFE_INTEGER ? String(value) : "";
}
