// What peers may rely on, written out by hand. Numbers and names of the wire change only with the specification.

export const WIRE = {
  codes: {
    "sep-3415": {
      InvalidParams: -32602,
      NotFound: -32023,
      Forbidden: -32024,
      ResourceExhausted: -32025,
      Unsupported: -32026,
      CallbackEndpointError: -32027,
      InternalError: -32603,
    },
    sketch: {
      InvalidParams: -32602,
      NotFound: -32011,
      Forbidden: -32012,
      ResourceExhausted: -32013,
      Unsupported: -32014,
      CallbackEndpointError: -32015,
      InternalError: -32603,
    },
  },
  methods: {
    list: "events/list",
    poll: "events/poll",
    stream: "events/stream",
    subscribe: "events/subscribe",
    unsubscribe: "events/unsubscribe",
  },
  notifications: {
    active: "notifications/events/active",
    event: "notifications/events/event",
    heartbeat: "notifications/events/heartbeat",
    error: "notifications/events/error",
    terminated: "notifications/events/terminated",
    listChanged: "notifications/events/list_changed",
  },
  deliveryModes: ["poll", "push", "webhook"],
  eventsExtension: "io.modelcontextprotocol/events",
  orderingExtension: "dev.mcp-events/ordering",
  orderingVersion: 1,
  subscriptionId: "io.modelcontextprotocol/subscriptionId",
  maxEventBytes: 262_144,
  heartbeatMs: 30_000,
  minPollMs: 1_000,
};
