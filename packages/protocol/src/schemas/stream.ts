import * as z from "zod";
import { cursorSchema, maxAgeSchema, metaSchema, objectSchema, wireErrorSchema } from "./common";
import { occurrenceSchema } from "./occurrence";

/** Parameters of `events/stream` (PUSH-1). */
export const streamParamsSchema = z.object({
  name: z.string(),
  arguments: objectSchema.default({}),
  cursor: cursorSchema,
  maxAgeMs: maxAgeSchema,
});

/** Parameters of `events/stream`. */
export type StreamParams = z.output<typeof streamParamsSchema>;

/** Parameters of `notifications/events/active` (PUSH-2, PUSH-6). */
export const activeSchema = z.object({
  cursor: cursorSchema,
  truncated: z.boolean().default(false),
  _meta: metaSchema,
});

/** Parameters of `notifications/events/heartbeat` (PUSH-4). */
export const heartbeatSchema = z.object({ cursor: cursorSchema, _meta: metaSchema });

/** Parameters of `notifications/events/error` and `notifications/events/terminated` (PUSH-5). */
export const streamErrorSchema = z.object({ error: wireErrorSchema, _meta: metaSchema });

/** Parameters of `notifications/events/event` (PUSH-2). */
export const streamEventSchema = occurrenceSchema;

/** The final result of `events/stream` (PUSH-7). */
export const streamResultSchema = z.object({ _meta: metaSchema });
