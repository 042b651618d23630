import { ORDERING_EXTENSION } from "@mcp-events/protocol";
import type { Raw } from "../../support/json-rpc";
import { answers, dropped, miscoded, onNotification, onRequest, type Wrong } from "./wrong";

const isEvent = ({ method }: Raw) => method === "notifications/events/event";
const isActive = ({ method }: Raw) => method === "notifications/events/active";
const marks = (params: Raw) => params._meta[ORDERING_EXTENSION];

/** A message of another kind, for the same stream. */
const like = (message: Raw, kind: string) => ({
  ...message,
  method: `notifications/events/${kind}`,
  params: { ...message.params, eventId: "invented", name: "note.created", data: {} },
});

/** `active` waits for the first event of a replay. */
function lateActive(): Wrong {
  const held = new Map<number, Raw>();
  return {
    notification(message, { id, params }) {
      if (isActive(message) && params.cursor !== undefined) {
        held.set(id, message);
        return [];
      }
      const active = held.get(id);
      held.delete(id);
      return active === undefined ? [message] : [message, active];
    },
  };
}

/** Every message says the position at which its stream began. */
function stuck(kind: string): Wrong {
  const began = new Map<number, string>();
  return {
    notification(message, { id }) {
      if (isActive(message)) began.set(id, message.params.cursor);
      if (message.method === `notifications/events/${kind}`) message.params.cursor = began.get(id);
      return [message];
    },
  };
}

/** The first event of each stream comes after the second. */
function reordered(): Wrong {
  const held = new Map<number, Raw>();
  const done = new Set<number>();
  return {
    notification(message, { id }) {
      if (!isEvent(message) || done.has(id)) return [message];
      const first = held.get(id);
      if (first === undefined) {
        held.set(id, message);
        return [];
      }
      done.add(id);
      return [message, first];
    },
  };
}

/** Only a few streams are served. */
function capped(): Wrong {
  let opened = 0;
  return answers("events/stream", () => {
    opened += 1;
    return opened > 8 ? { error: { code: -32025, message: "too many requests" } } : undefined;
  });
}

/** What is wrong with streams, by the check that has to find it. */
export const WRONG_STREAMS: Readonly<Record<string, Wrong>> = {
  "PUSH-1.unknown-name": miscoded("events/stream"),
  "PUSH-1.mode": miscoded("events/stream"),
  "PUSH-2.active-first": {
    notification: (message) => (isActive(message) ? [like(message, "heartbeat"), message] : [message]),
  },
  "PUSH-2.replay-after-active": lateActive(),
  "PUSH-2.cursor-after": stuck("event"),
  "PUSH-3.subscription-id": onNotification("event", (params) => {
    delete params._meta;
  }),
  "PUSH-4.heartbeat": dropped("heartbeat"),
  "PUSH-4.position": stuck("heartbeat"),
  "PUSH-5.error": dropped("error"),
  "PUSH-5.last": {
    notification: (message) =>
      message.method.endsWith("/terminated") ? [message, like(message, "heartbeat")] : [message],
  },
  "PUSH-7.final-result": {
    response: (message, { method }) => (method === "events/stream" ? undefined : message),
  },
  "PUSH-8.own": { notification: (message) => (isEvent(message) ? [message, message] : [message]) },
  "PUSH-8.many": capped(),
  "CUR-6.push": onNotification("active", (params) => {
    params.truncated = false;
  }),
  "LIST-4.push": dropped("terminated"),
  "LIST-4.breaking": onNotification("terminated", ({ error }) => {
    error.code = -32023;
  }),
  "LIST-4.additive": onRequest("tools/call", (params) => {
    if (params.name === "change_type") params.arguments.breaking = true;
  }),
  "AUTH-1.push": miscoded("events/stream"),
  "AUTH-2.push": dropped("terminated"),
  "AUTH-2.nothing-after": {
    notification: (message) =>
      message.method.endsWith("/terminated") ? [message, like(message, "event")] : [message],
  },
  "ORD-1.numbers": onNotification("event", (params) => {
    marks(params).seq = 5;
  }),
  "ORD-2.chain": onNotification("event", (params) => {
    marks(params).prev = 0;
  }),
  "ORD-4.push": reordered(),
  "RULE-7.heartbeat": onNotification("heartbeat", (params) => {
    marks(params).through = 0;
  }),
};
