import * as z from "zod";
import { metaSchema, objectSchema } from "./common";

/** One event as every mode carries it (OCC-1). `cursor` is absent in poll results and `null` without replay. */
export const occurrenceSchema = z.object({
  eventId: z.string(),
  name: z.string(),
  timestamp: z.string(),
  data: objectSchema,
  cursor: z.string().nullish(),
  _meta: metaSchema,
});

/** One event as every mode carries it (OCC-1). */
export type Occurrence = z.output<typeof occurrenceSchema>;
