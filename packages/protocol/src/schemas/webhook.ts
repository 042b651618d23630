import * as z from "zod";
import { cursorSchema, maxAgeSchema, metaSchema, objectSchema, wireErrorSchema } from "./common";

/** Parameters of `events/subscribe` (HOOK-1). `ttlMs` absent = server default, `null` = no expiry (HOOK-6). */
export const subscribeParamsSchema = z.object({
  name: z.string(),
  arguments: objectSchema.default({}),
  delivery: z.object({ mode: z.literal("webhook"), url: z.string(), secret: z.string() }),
  cursor: cursorSchema,
  maxAgeMs: maxAgeSchema,
  ttlMs: z.number().nullable().optional(),
  _meta: metaSchema,
});

/** Parameters of `events/subscribe`. */
export type SubscribeParams = z.output<typeof subscribeParamsSchema>;

/** Parameters of `events/unsubscribe` (HOOK-17). */
export const unsubscribeParamsSchema = z.object({
  name: z.string(),
  arguments: objectSchema.default({}),
  delivery: z.object({ url: z.string() }),
});

/** Why an attempt failed, and never more than that (HOOK-14). */
export const deliveryErrorSchema = z.enum([
  "connection_refused",
  "timeout",
  "tls_error",
  "http_4xx",
  "http_5xx",
  "challenge_failed",
]);

/** How deliveries of a webhook subscription fare (HOOK-14). */
export const deliveryStatusSchema = z.object({
  active: z.boolean(),
  lastDeliveryAt: z.string().nullish(),
  lastError: deliveryErrorSchema.nullish(),
  failedSince: z.string().nullish(),
  throttled: z.boolean().optional(),
  retryAfterMs: z.number().optional(),
});

/** How deliveries of a webhook subscription fare (HOOK-14). */
export type DeliveryStatus = z.output<typeof deliveryStatusSchema>;

/** Result of `events/subscribe` (HOOK-1). */
export const subscribeResultSchema = z.object({
  id: z.string(),
  refreshBefore: z.string().nullable(),
  cursor: cursorSchema,
  truncated: z.boolean().default(false),
  deliveryStatus: deliveryStatusSchema.optional(),
  _meta: metaSchema,
});

/** Result of `events/subscribe`. */
export type SubscribeResult = z.output<typeof subscribeResultSchema>;

/** A webhook body that is not an event (HOOK-11). */
export const envelopeSchema = z.discriminatedUnion("type", [
  z.object({ type: z.literal("gap"), cursor: cursorSchema, _meta: metaSchema }),
  z.object({ type: z.literal("terminated"), error: wireErrorSchema, _meta: metaSchema }),
  z.object({ type: z.literal("verification"), challenge: z.string(), _meta: metaSchema }),
]);

/** A webhook body that is not an event. */
export type ControlEnvelope = z.output<typeof envelopeSchema>;
