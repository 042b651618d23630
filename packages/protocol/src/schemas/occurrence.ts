import * as z from "zod";
import { isJsonObject } from "../json";
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

/** Whether a value is what {@link occurrenceSchema} takes; many times as fast, for what arrives by the thousand. */
export function isOccurrence(value: unknown): value is Occurrence {
  if (!isJsonObject(value)) return false;
  const { eventId, name, timestamp, data, cursor, _meta } = value;
  return (
    typeof eventId === "string" &&
    typeof name === "string" &&
    typeof timestamp === "string" &&
    isJsonObject(data) &&
    (cursor === undefined || cursor === null || typeof cursor === "string") &&
    (_meta === undefined || isJsonObject(_meta))
  );
}
