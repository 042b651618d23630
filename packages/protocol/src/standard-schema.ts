/**
 * A schema of any library that follows Standard Schema and Standard JSON Schema (zod 4.2+, ArkType, Valibot with its
 * JSON Schema companion). Named structurally, so that no schema library is a dependency of its user.
 */
export interface StandardSchema<Input = unknown, Output = Input> {
  readonly "~standard": {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => StandardResult<Output> | Promise<StandardResult<Output>>;
    readonly types?: { readonly input: Input; readonly output: Output } | undefined;
    readonly jsonSchema?: {
      readonly input: (options: { target: "draft-2020-12" }) => Record<string, unknown>;
    };
  };
}

/** What a Standard Schema answers. */
export type StandardResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly StandardIssue[] };

/** One reason why a value does not fit. */
export interface StandardIssue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

/** What a schema takes in. */
export type InputOf<S> = S extends StandardSchema<infer Input, unknown> ? Input : Record<string, unknown>;

/** What a schema gives out. */
export type OutputOf<S> = S extends StandardSchema<unknown, infer Output> ? Output : Record<string, unknown>;

/** True for a schema of a library, false for a plain JSON Schema object. */
export function isStandardSchema(schema: unknown): schema is StandardSchema {
  return (
    (typeof schema === "object" || typeof schema === "function") && schema !== null && "~standard" in schema
  );
}

/** `a.b[0]` for an issue's path; the empty string at the root. */
export function issuePath(issue: StandardIssue): string {
  let text = "";
  for (const segment of issue.path ?? []) {
    const key = typeof segment === "object" ? segment.key : segment;
    text += typeof key === "number" ? `[${key}]` : `${text === "" ? "" : "."}${String(key)}`;
  }
  return text;
}
