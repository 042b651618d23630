import { Ajv2020 } from "ajv/dist/2020.js";
import formats from "ajv-formats";
import { Violation } from "../kit/check";
import type { Wire } from "../kit/expect";

/** Says what is wrong with a value; `undefined` when nothing is. */
export type Validator = (value: unknown) => string | undefined;

const ajv = new Ajv2020({ strict: false, logger: false, addUsedSchema: false });
formats.default(ajv);

/** @throws Violation when the schema is none. */
export function validatorOf(schema: Wire, what: string): Validator {
  try {
    const { $schema: _dialect, $id: _id, ...rest } = schema;
    const validate = ajv.compile(rest);
    return (value) => (validate(value) ? undefined : ajv.errorsText(validate.errors));
  } catch (error) {
    throw new Violation(`${what} is no JSON Schema: ${(error as Error).message}`);
  }
}
