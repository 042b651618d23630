import * as z from "zod";
import { cursorSchema, maxAgeSchema, metaSchema, objectSchema } from "./common";
import { occurrenceSchema } from "./occurrence";

/** Parameters of `events/poll` (POLL-1, POLL-7). */
export const pollParamsSchema = z.object({
  name: z.string(),
  arguments: objectSchema.default({}),
  cursor: cursorSchema,
  maxAgeMs: maxAgeSchema,
  maxEvents: z.number().int().positive().nullish(),
  timeoutMs: z.number().int().nonnegative().nullish(),
});

/** Parameters of `events/poll`. */
export type PollParams = z.output<typeof pollParamsSchema>;

/** Result of `events/poll` (POLL-1). */
export const pollResultSchema = z.object({
  events: z.array(occurrenceSchema).default([]),
  cursor: cursorSchema,
  truncated: z.boolean().default(false),
  hasMore: z.boolean().default(false),
  nextPollMs: z.number().nonnegative().optional(),
  _meta: metaSchema,
});

/** Result of `events/poll`. */
export type PollResult = z.output<typeof pollResultSchema>;
