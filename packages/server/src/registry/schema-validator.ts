import { dereference, type Schema, type SchemaDraft, Validator } from "@cfworker/json-schema";
import {
  type CompiledSchema,
  EventsError,
  issuePath,
  type StandardResult,
  type StandardSchema,
} from "@mcp-events/protocol";

/** Whether a value fits a schema; `value` is what the schema made of it, `path` names the part that does not fit. */
export type Validation =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly path: string; readonly message: string };

/** Checks a value against one schema; asynchronous only when the schema is. */
export type Validate = (value: unknown) => Validation | Promise<Validation>;

/**
 * Makes a schema ready to check values: by its library where it has one, else as JSON Schema.
 *
 * @param where - Names the schema in errors.
 * @throws EventsError `schema_invalid` when a JSON Schema cannot be used (an unresolved `$ref`).
 */
export function compileValidator(where: string, schema: CompiledSchema): Validate {
  return schema.standard === undefined
    ? jsonSchemaValidator(where, schema)
    : standardValidator(schema.standard);
}

function standardValidator(schema: StandardSchema): Validate {
  return (value) => {
    const result = schema["~standard"].validate(value);
    return result instanceof Promise ? result.then(fromStandard) : fromStandard(result);
  };
}

function fromStandard(result: StandardResult<unknown>): Validation {
  if (result.issues === undefined) return { ok: true, value: result.value };
  const [issue] = result.issues;
  if (issue === undefined) return { ok: false, path: "", message: "does not fit the schema" };
  return { ok: false, path: issuePath(issue), message: issue.message };
}

function jsonSchemaValidator(where: string, { json }: CompiledSchema): Validate {
  // A copy: the validator writes into the schema.
  const schema = structuredClone(json) as Schema;
  requireUsable(where, schema);
  const validator = new Validator(schema, draftOf(json), false);
  return (value) => {
    const { valid, errors } = validator.validate(value);
    if (valid) return { ok: true, value };
    const deepest = errors.at(-1);
    return {
      ok: false,
      path: dottedPath(deepest?.instanceLocation ?? "#"),
      message: deepest?.error ?? "does not fit the schema",
    };
  };
}

/** Finds now what would otherwise throw at the first value that gets there: references to nowhere, broken patterns. */
function requireUsable(where: string, schema: Schema): void {
  try {
    const parts = dereference(schema);
    for (const part of Object.values(parts)) {
      if (typeof part === "boolean") continue;
      const target = part.__absolute_ref__;
      if (target !== undefined && parts[target] === undefined)
        throw new Error(`unresolved $ref "${part.$ref}"`);
      if (part.pattern !== undefined) new RegExp(part.pattern, "u");
    }
  } catch (cause) {
    throw new EventsError("schema_invalid", `${where}: ${(cause as Error).message}`, { cause });
  }
}

function draftOf(json: Record<string, unknown>): SchemaDraft {
  const uri = typeof json.$schema === "string" ? json.$schema : "";
  if (uri.includes("draft-07")) return "7";
  if (uri.includes("draft-04")) return "4";
  return uri.includes("2019-09") ? "2019-09" : "2020-12";
}

/** `#/a/0/b` as `a[0].b`. */
function dottedPath(pointer: string): string {
  let path = "";
  for (const part of pointer.split("/").slice(1)) {
    const key = decodeURIComponent(part).replaceAll("~1", "/").replaceAll("~0", "~");
    path += /^\d+$/.test(key) ? `[${key}]` : `${path === "" ? "" : "."}${key}`;
  }
  return path;
}
