/** Identifier of the MCP Events extension in `capabilities.extensions` (CAP-1, CAP-3). */
export const EVENTS_EXTENSION = "io.modelcontextprotocol/events";

/** Identifier of the ordering extension: in `capabilities.extensions`, and the `_meta` key that carries it. */
export const ORDERING_EXTENSION = "dev.mcp-events/ordering";

/** Version of the ordering extension declared in `capabilities.extensions` and understood here. */
export const ORDERING_VERSION = 1;

/** `_meta` key under which every push message names its stream's request id (PUSH-3). */
export const SUBSCRIPTION_ID = "io.modelcontextprotocol/subscriptionId";

/** The requests of the events extension. */
export const METHODS = {
  list: "events/list",
  poll: "events/poll",
  stream: "events/stream",
  subscribe: "events/subscribe",
  unsubscribe: "events/unsubscribe",
} as const;

/** The notifications of the events extension. */
export const NOTIFICATIONS = {
  active: "notifications/events/active",
  event: "notifications/events/event",
  heartbeat: "notifications/events/heartbeat",
  error: "notifications/events/error",
  terminated: "notifications/events/terminated",
  listChanged: "notifications/events/list_changed",
} as const;

/** Prefix shared by every notification of the events extension. */
export const NOTIFICATION_PREFIX = "notifications/events/";

/** How an event reaches a client (LIST-2). */
export const DELIVERY_MODES = ["poll", "push", "webhook"] as const;

/** One of `poll`, `push`, `webhook`. */
export type DeliveryMode = (typeof DELIVERY_MODES)[number];

/** Largest body of one occurrence in bytes of UTF-8 JSON: 256 KiB (OCC-3). */
export const MAX_EVENT_BYTES = 256 * 1024;

/** Longest interval between heartbeats of a push stream, in milliseconds (PUSH-4). */
export const HEARTBEAT_MS = 30_000;

/** Shortest wait between two polls of a client, in milliseconds (POLL-4). */
export const MIN_POLL_MS = 1_000;

/** Longest delay a timer takes: 2^31 - 1 ms. Longer ones fire at once in JavaScript. */
export const MAX_TIMER_MS = 2 ** 31 - 1;
