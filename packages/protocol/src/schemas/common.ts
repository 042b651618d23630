import * as z from "zod";
import { DELIVERY_MODES } from "../names";

/** A cursor in either direction: absent means `null` (CUR-1). */
export const cursorSchema = z.string().nullable().default(null);

/** A JSON object with any members. */
export const objectSchema = z.record(z.string(), z.unknown());

/** `_meta`: members of any name; this library reads its own and leaves the rest alone. */
export const metaSchema = objectSchema.optional();

/** A delivery mode. */
export const deliveryModeSchema = z.enum(DELIVERY_MODES);

/** A wire error object inside `error` and `terminated` messages. */
export const wireErrorSchema = z.object({
  code: z.number().int(),
  message: z.string(),
  data: objectSchema.optional(),
});

/** `maxAgeMs`: absent means no floor (CUR-5). */
export const maxAgeSchema = z.number().int().nonnegative().nullish();
