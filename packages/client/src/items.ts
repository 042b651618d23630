import type { GapReason } from "@mcp-events/ordering";
import type { DeliveryMode, JsonObject } from "@mcp-events/protocol";

/** A place in a log. */
export interface ItemPosition {
  readonly log: string;
  readonly epoch: number;
  readonly seq: number;
}

/** An event, handed out in order and once. */
export interface SubscriptionEvent<Payload = JsonObject> {
  readonly kind: "event";
  readonly eventId: string;
  /** Name of the event type. */
  readonly name: string;
  /** When it happened, ISO 8601; for people, never for order. */
  readonly timestamp: string;
  readonly data: Payload;
  /** What the author put into `_meta` (trace context); what this library puts there is left out, so that every mode is alike. */
  readonly meta?: JsonObject | undefined;
  /** `eventId` of the event that this one sends again, after an operator replayed its dead letter (ORDERING rule 14). */
  readonly redriveOf?: string | undefined;
  /** Absent for servers without the ordering extension. */
  readonly position?: ItemPosition | undefined;
  /** The mode it came by. */
  readonly mode: DeliveryMode;
  /** Says that it, and everything handed out before it in its lane, is done with; resolves when that is stored. */
  commit(): Promise<void>;
}

/** Events that are missing, in their place (ORD-2). */
export interface SubscriptionGap {
  readonly kind: "gap";
  readonly reason: GapReason;
  /** What is missing lies after it; absent when unknown. */
  readonly from?: ItemPosition | undefined;
  /** What is missing lies at or before it; absent when unknown. */
  readonly to?: ItemPosition | undefined;
  /** Says that it was taken note of; resolves when that is stored. */
  commit(): Promise<void>;
}

/** What a subscription yields. */
export type SubscriptionItem<Payload = JsonObject> = SubscriptionEvent<Payload> | SubscriptionGap;
