import { Ajv } from "ajv";
import { Ajv2020 } from "ajv/dist/2020.js";
import formats from "ajv-formats";
import { Violation } from "../kit/check";
import type { Wire } from "../kit/expect";

/** Says what is wrong with a value; `undefined` when nothing is. */
export type Validator = (value: unknown) => string | undefined;

const options = { strict: false, logger: false, addUsedSchema: false } as const;
/** The dialect of schemas that name none. */
const newest = formats.default(new Ajv2020(options));
const draft7 = formats.default(new Ajv(options));

/** @throws Violation when the schema is none. */
export function validatorOf(schema: Wire, what: string): Validator {
  try {
    const { $schema: dialect, $id: _id, ...rest } = schema;
    const ajv = /draft-0[67]/.test(dialect) ? draft7 : newest;
    const validate = ajv.compile(rest);
    return (value) => (validate(value) ? undefined : ajv.errorsText(validate.errors));
  } catch (error) {
    throw new Violation(`${what} is no JSON Schema: ${(error as Error).message}`);
  }
}
