// For users: event definitions and the errors that reach application code.

// For authors of transports, stores, servers and clients.
export { BoundedQueue } from "./bounded-queue";
export { type Clock, sleep, systemClock, waitingClock } from "./clock";
export {
  type CursorPosition,
  type CursorSeal,
  decodeCursor,
  encodeCursor,
  type UpstreamPosition,
} from "./cursor";
export {
  type AnyEventDefinition,
  type CompiledSchema,
  type DefineEventOptions,
  defineEvent,
  type EventDefinition,
  type SchemaLike,
} from "./define-event";
export {
  EventsError,
  type EventsErrorCode,
  type Profile,
  WIRE_CODES,
  WireError,
  type WireErrorName,
  type WireErrorObject,
  wireErrorName,
} from "./errors";
export { canonicalJson, isJsonObject, type Json, type JsonObject, utf8Bytes } from "./json";
export { type Logger, silentLogger } from "./logger";
export {
  DELIVERY_MODES,
  type DeliveryMode,
  EVENTS_EXTENSION,
  HEARTBEAT_MS,
  MAX_EVENT_BYTES,
  MAX_TIMER_MS,
  METHODS,
  MIN_POLL_MS,
  NOTIFICATION_PREFIX,
  NOTIFICATIONS,
  ORDERING_EXTENSION,
  ORDERING_VERSION,
  SUBSCRIPTION_ID,
} from "./names";
export { clientCapabilities, readServerCapabilities, serverCapabilities } from "./schemas/capabilities";
export {
  descriptorSchema,
  type EventDescriptor,
  type ListResult,
  listParamsSchema,
  listResultSchema,
} from "./schemas/list";
export { isOccurrence, type Occurrence, occurrenceSchema } from "./schemas/occurrence";
export {
  type Guarantee,
  guaranteeSchema,
  type OrderingMark,
  type OrderingPosition,
  orderingDescriptorSchema,
  orderingMarkSchema,
  orderingPositionSchema,
  type ResequenceOffer,
  readOrdering,
  readOrderingMark,
  resequenceOfferSchema,
} from "./schemas/ordering";
export { type PollParams, type PollResult, pollParamsSchema, pollResultSchema } from "./schemas/poll";
export {
  activeSchema,
  heartbeatSchema,
  type StreamParams,
  streamErrorSchema,
  streamEventSchema,
  streamParamsSchema,
  streamResultSchema,
} from "./schemas/stream";
export {
  type ControlEnvelope,
  type DeliveryStatus,
  deliveryErrorSchema,
  deliveryStatusSchema,
  envelopeSchema,
  type SubscribeParams,
  type SubscribeResult,
  subscribeParamsSchema,
  subscribeResultSchema,
  unsubscribeParamsSchema,
} from "./schemas/webhook";
export {
  type InputOf,
  isStandardSchema,
  issuePath,
  type OutputOf,
  type StandardIssue,
  type StandardResult,
  type StandardSchema,
} from "./standard-schema";
export { type SubscriptionKey, subscriptionId } from "./subscription-key";
export type {
  ClientLink,
  ClientStream,
  ClientTransport,
  EventConnection,
  EventHost,
  HostRequest,
  McpTransport,
  Message,
  OutgoingStream,
  RequestId,
  ServerConnection,
  ServerTransport,
  StreamChannel,
  StreamRequest,
} from "./transport/contract";
export { directChannel, directTransport } from "./transport/direct-channel";
export {
  type InMemoryPair,
  type InMemoryPairOptions,
  type InMemoryTransport,
  inMemoryPair,
} from "./transport/in-memory";
export { notificationJson, textBatches } from "./transport/text-batches";
export { nextTurn, Turns } from "./transport/turns";
export type {
  CallbackOptions,
  DeliveryError,
  DeliveryOutcome,
  PostResult,
  WebhookCallback,
  WebhookMessage,
  WebhookReceiver,
  WebhookSender,
  WebhookTarget,
} from "./transport/webhook";
export { WEBHOOK_HEADERS, WEBHOOK_TOLERANCE_MS, WELL_KNOWN } from "./webhook/names";
export { generateWebhookSecret, webhookKey } from "./webhook/secret";
