// For users: an event server, its options and what it hands out.
export { defineEvent, EventsError, type EventsErrorCode, WireError } from "@mcp-events/protocol";
export type { McpServerLike } from "./binding/bind-server";
// For authors of bindings and of servers.
export { bindServer } from "./binding/bind-server";
export type { BindServerOptions } from "./binding/options";
export { defaultPrincipalOf } from "./binding/principal";
export { createEventServer, type EventServer } from "./create-event-server";
export type { EventObserver, ObservedEvent, ObservedSubscription } from "./observer";
export { type EventServerOptions, SERVER_DEFAULTS, type SubscriptionLimits } from "./options";
export type {
  Caller,
  CheckContext,
  CheckedEvent,
  CheckResult,
  EmitItem,
  EmitOptions,
  Emitted,
  EventHandle,
  RegisterOptions,
  ServerStats,
  SubscriptionInfo,
  UpdateOptions,
} from "./types";
export type { DeadLetters, WebhookAdmin, WebhookInfo } from "./webhook/admin";
export { WEBHOOK_DEFAULTS, type WebhookOptions } from "./webhook/options";
