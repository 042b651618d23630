import {
  type DeliveryStatus,
  deliveryStatusSchema,
  EventsError,
  type JsonObject,
  METHODS,
  ORDERING_EXTENSION,
  type OrderingPosition,
  orderingPositionSchema,
  readOrdering,
  resequenceOfferSchema,
  subscribeResultSchema,
  type WebhookReceiver,
  WireError,
} from "@mcp-events/protocol";
import type { Subscribed } from "../intake";
import type { Delivery } from "./driver";

/** Where deliveries go. */
interface Endpoint {
  readonly url: string;
  readonly secret: string;
}

/** The result of `events/subscribe`, read. */
export interface SubscribeAnswer extends Subscribed {
  readonly id: string;
  /** In milliseconds since the epoch; `null`: no expiry. */
  readonly refreshBefore: number | null;
  readonly deliveryStatus: DeliveryStatus | undefined;
  readonly position: OrderingPosition | undefined;
  /** Whether the server sends ahead and never gives up a gap (ORDERING rules 10, 14). */
  readonly resequences: boolean;
}

/** Parameters of `events/subscribe` (HOOK-1). */
export function subscribeParams(
  params: JsonObject,
  { url, secret }: Endpoint,
  { ttlMs, resequence }: WebhookReceiver,
): JsonObject {
  return {
    ...params,
    delivery: { mode: "webhook", url, secret },
    ...(ttlMs !== undefined && { ttlMs }),
    ...(resequence !== undefined && { _meta: { [ORDERING_EXTENSION]: { resequence } } }),
  };
}

// What the status says is for people: it never makes an answer malformed.
const answerSchema = subscribeResultSchema.omit({ deliveryStatus: true });

/** @throws EventsError `transport_failed` (retryable) when it is not a subscribe result. */
export function readSubscribeResult(result: JsonObject): SubscribeAnswer {
  const parsed = answerSchema.safeParse(result);
  const refreshBefore = parsed.data?.refreshBefore ?? null;
  const until = refreshBefore === null ? null : Date.parse(refreshBefore);
  if (!parsed.success || Number.isNaN(until)) {
    throw new EventsError("transport_failed", "the server's subscribe result is malformed", {
      retryable: true,
    });
  }
  const status = deliveryStatusSchema.safeParse(result.deliveryStatus);
  return {
    ...parsed.data,
    refreshBefore: until,
    deliveryStatus: status.data,
    position: readOrdering(result._meta, orderingPositionSchema),
    resequences: readOrdering(result._meta, resequenceOfferSchema) !== undefined,
  };
}

/**
 * Ends the subscription that posts to the URL (HOOK-17); fine when there is none.
 *
 * @throws what the request threw otherwise.
 */
export async function unsubscribe(delivery: Delivery, url: string, signal?: AbortSignal): Promise<void> {
  const { connection, settings } = delivery;
  const { name, arguments: args } = delivery.ask().params;
  const params = { name, arguments: args, delivery: { url } } as JsonObject;
  const { requestTimeoutMs: timeoutMs } = settings;
  try {
    await connection.request(METHODS.unsubscribe, params, { signal, timeoutMs });
  } catch (error) {
    if (!(WireError.is(error) && error.error === "NotFound")) throw error;
  }
}
