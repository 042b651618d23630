import * as z from "zod";
import { deliveryModeSchema, metaSchema, objectSchema } from "./common";

/** Parameters of `events/list` (LIST-1). */
export const listParamsSchema = z.object({ cursor: z.string().nullish() });

/** One event type as `events/list` shows it (LIST-2). */
export const descriptorSchema = z.object({
  name: z.string(),
  description: z.string().default(""),
  delivery: z.array(deliveryModeSchema),
  inputSchema: objectSchema,
  payloadSchema: objectSchema,
  _meta: metaSchema,
});

/** One event type as `events/list` shows it (LIST-2). */
export type EventDescriptor = z.output<typeof descriptorSchema>;

/** Result of `events/list` (LIST-1). */
export const listResultSchema = z.object({
  events: z.array(descriptorSchema),
  nextCursor: z.string().nullish(),
});

/** Result of `events/list` (LIST-1). */
export type ListResult = z.output<typeof listResultSchema>;
