import * as z from "zod";
import { EventsError } from "./errors";
import { isJsonObject, type JsonObject } from "./json";
import { type InputOf, isStandardSchema, type OutputOf, type StandardSchema } from "./standard-schema";

/** A schema of a library (zod, or any Standard Schema that gives JSON Schema), or JSON Schema itself. */
// biome-ignore lint/suspicious/noExplicitAny: a bound that every StandardSchema fits, whatever its types
export type SchemaLike = StandardSchema<any, any> | JsonObject;

/** A schema made ready: its JSON Schema, and the library's schema where there is one. */
export interface CompiledSchema {
  readonly json: JsonObject;
  readonly standard?: StandardSchema | undefined;
}

/** An event type as both sides know it; made by {@link defineEvent}. */
export interface EventDefinition<
  Name extends string = string,
  ArgumentsIn = Record<string, unknown>,
  Arguments = ArgumentsIn,
  PayloadIn = Record<string, unknown>,
  Payload = PayloadIn,
> {
  readonly name: Name;
  readonly description: string;
  readonly inputSchema: CompiledSchema;
  readonly payloadSchema: CompiledSchema;
  readonly _meta?: JsonObject | undefined;
  /** Types only; never present at run time. */
  readonly "~types"?: {
    readonly argumentsIn: ArgumentsIn;
    readonly arguments: Arguments;
    readonly payloadIn: PayloadIn;
    readonly payload: Payload;
  };
}

// biome-ignore lint/suspicious/noExplicitAny: a bound that every definition fits
export type AnyEventDefinition = EventDefinition<string, any, any, any, any>;

/** Options of {@link defineEvent}. */
export interface DefineEventOptions<Input extends SchemaLike, Payload extends SchemaLike> {
  /** When the event fires, for people and models. */
  description: string;
  /** Schema of the subscription arguments; default: an object without properties. */
  inputSchema?: Input | undefined;
  /** Schema of `data`. */
  payloadSchema: Payload;
  /** `_meta` of the descriptor. */
  _meta?: JsonObject | undefined;
}

const NO_ARGUMENTS: JsonObject = { type: "object", properties: {} };

/**
 * Defines an event type once, for the server that emits it and the client that subscribes to it (LIST-2).
 *
 * @param name - Name of the event type, such as `pull_request.opened`.
 * @throws EventsError `schema_unusable` when a schema gives no JSON Schema of an object; the message names the path.
 */
export function defineEvent<
  const Name extends string,
  Payload extends SchemaLike,
  Input extends SchemaLike = StandardSchema<Record<string, never>>,
>(
  name: Name,
  options: DefineEventOptions<Input, Payload>,
): EventDefinition<Name, InputOf<Input>, OutputOf<Input>, InputOf<Payload>, OutputOf<Payload>> {
  if (name === "") throw new EventsError("schema_unusable", "defineEvent: the name is empty; give it one");
  return {
    name,
    description: options.description,
    inputSchema: compileSchema(`defineEvent("${name}").inputSchema`, options.inputSchema ?? NO_ARGUMENTS),
    payloadSchema: compileSchema(`defineEvent("${name}").payloadSchema`, options.payloadSchema),
    ...(options._meta !== undefined && { _meta: options._meta }),
  };
}

function compileSchema(where: string, schema: SchemaLike): CompiledSchema {
  if (!isStandardSchema(schema)) return { json: requireObjectSchema(where, schema) };
  const json = toJsonSchema(where, schema);
  return { json: requireObjectSchema(where, json), standard: schema };
}

function toJsonSchema(where: string, schema: StandardSchema): JsonObject {
  const { vendor, jsonSchema } = schema["~standard"];
  if (jsonSchema === undefined) {
    throw new EventsError(
      "schema_unusable",
      `${where}: this ${vendor} schema gives no JSON Schema (no "~standard".jsonSchema); ` +
        "update the library, use its JSON Schema companion, or pass JSON Schema itself",
    );
  }
  try {
    return jsonSchema.input({ target: "draft-2020-12" });
  } catch (cause) {
    const path = vendor === "zod" ? zodPathWithoutJson(schema as unknown as z.ZodType) : "";
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new EventsError("schema_unusable", `${where}${path}: cannot be written as JSON Schema: ${reason}`, {
      cause,
    });
  }
}

const ZOD_TYPES_WITHOUT_JSON = new Set(
  "bigint symbol undefined void date map set nan custom function transform".split(" "),
);

/** Where in a zod schema the part stands that JSON Schema cannot say, as `.a.b`; empty when not found. */
function zodPathWithoutJson(schema: z.ZodType): string {
  let found = "";
  z.toJSONSchema(schema, {
    io: "input",
    unrepresentable: "any",
    override: ({ zodSchema, path }) => {
      if (found === "" && ZOD_TYPES_WITHOUT_JSON.has(zodSchema._zod.def.type)) {
        found = path
          .filter((part) => part !== "properties")
          .map((part) => `.${part}`)
          .join("");
      }
    },
  });
  return found;
}

function requireObjectSchema(where: string, schema: unknown): JsonObject {
  if (!isJsonObject(schema)) {
    throw new EventsError("schema_unusable", `${where}: expected a schema, got ${typeof schema}`);
  }
  if (schema.type !== undefined && schema.type !== "object") {
    throw new EventsError(
      "schema_unusable",
      `${where}: must describe an object, but its type is ${JSON.stringify(schema.type)}`,
    );
  }
  return schema;
}
