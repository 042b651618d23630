// For users.
export {
  type GapReason,
  memoryPositions,
  type PositionStore,
  type StoredPosition,
} from "@mcp-events/ordering";
export {
  type DeliveryMode,
  type DeliveryStatus,
  defineEvent,
  type EventDescriptor,
  EventsError,
  type EventsErrorCode,
  WireError,
} from "@mcp-events/protocol";
// For authors of connections and of delivery modes.
export { type BindClientOptions, bindClient } from "./binding/bind-client";
export type { McpClientLike } from "./binding/sdk-client";
export { type RequestOptions, sendRequest } from "./binding/send-request";
export { createEventClient } from "./create-event-client";
export type { EventClient } from "./event-client";
export type { ItemPosition, SubscriptionEvent, SubscriptionGap, SubscriptionItem } from "./items";
export { type MergeSubscriptionsOptions, merge } from "./merge";
export { type BackoffOptions, CLIENT_DEFAULTS, type EventClientOptions } from "./options";
export type { SubscribeOptions } from "./subscribe-options";
export type { Subscription, SubscriptionState } from "./subscription";
