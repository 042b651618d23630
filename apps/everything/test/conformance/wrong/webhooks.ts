import { randomUUID } from "node:crypto";
import { decodeCursor, encodeCursor, ORDERING_EXTENSION } from "@mcp-events/protocol";
import {
  answers,
  invalidParams,
  miscoded,
  onBody,
  onError,
  onRequest,
  onResult,
  swallowed,
  type Wrong,
} from "./wrong";

const subscribed = (change: Parameters<typeof onResult>[1]): Wrong => onResult("events/subscribe", change);
const taken = { id: "sub_1", refreshBefore: "2099-01-01T00:00:00Z", cursor: null, truncated: false };
const eventually = new Date(Date.now() + 1e11).toISOString();

/** The first secret of a URL stays. */
function unrotated(): Wrong {
  const first = new Map<string, string>();
  return onRequest("events/subscribe", ({ delivery }) => {
    if (!first.has(delivery.url)) first.set(delivery.url, delivery.secret);
    delivery.secret = first.get(delivery.url);
  });
}

/** The cursor of each body lies far ahead of its event. */
const ahead = onBody((body) => {
  const position = typeof body.cursor === "string" ? decodeCursor(body.cursor) : undefined;
  if (position !== undefined) body.cursor = encodeCursor({ ...position, seq: position.seq + 1_000 });
});

/** Every request to subscribe is challenged once more. */
const challenging: Wrong = {
  async request({ method, params }) {
    if (method !== "events/subscribe") return undefined;
    const body = JSON.stringify({ type: "verification", challenge: "once-more-once-more" });
    await fetch(params.delivery.url, { method: "POST", body });
    return undefined;
  },
};

/** What is wrong with webhooks, by the check that has to find it. */
export const WRONG_WEBHOOKS: Readonly<Record<string, Wrong>> = {
  "HOOK-1.result": subscribed((result) => {
    delete result.truncated;
  }),
  "HOOK-2.anonymous": {
    request(_message, headers) {
      headers.authorization ??= "Bearer alice-token";
      return undefined;
    },
  },
  "HOOK-3.stable-id": subscribed((result) => {
    result.id = `sub_${randomUUID()}`;
  }),
  "HOOK-3.isolation": onError("events/unsubscribe", () => ({})),
  "HOOK-4.rotation": unrotated(),
  "HOOK-4.grace": onBody(() => {}),
  "HOOK-5.secret": miscoded("events/subscribe"),
  "HOOK-5.https": miscoded("events/subscribe"),
  "HOOK-6.suggestion": subscribed((result) => {
    result.refreshBefore = eventually;
  }),
  "HOOK-6.no-error": answers("events/subscribe", ({ ttlMs }) => (ttlMs === null ? invalidParams : undefined)),
  "HOOK-6.expiry": subscribed((result) => {
    result.refreshBefore = null;
  }),
  "HOOK-7.challenge": swallowed("verification"),
  "HOOK-7.wrong-echo": onError("events/subscribe", () => taken),
  "HOOK-7.once": challenging,
  "HOOK-9.headers": {
    delivery({ headers }) {
      delete headers["x-mcp-subscription-id"];
      return true;
    },
  },
  "HOOK-9.signature": {
    delivery({ headers, body }) {
      if (body.type !== "verification") headers["webhook-signature"] = `v1,${btoa("x".repeat(32))}`;
      return true;
    },
  },
  "HOOK-9.event-id": onBody((_body, headers) => {
    headers["webhook-id"] = "something-else";
  }),
  "HOOK-9.body": onBody((body) => {
    body.type = "event";
  }),
  "HOOK-10.cursor": ahead,
  "HOOK-11.envelope": onBody((_body, headers) => {
    headers["webhook-id"] = "something-else";
  }),
  "HOOK-12.retry": { delivered: (status) => (status === 503 ? 204 : status) },
  "HOOK-12.gone": { delivered: (status) => (status === 410 ? 503 : status) },
  "HOOK-12.redirect": {
    async delivered(status, location, { headers, body }) {
      if (location === null) return status;
      return (await fetch(location, { method: "POST", headers, body: JSON.stringify(body) })).status;
    },
  },
  "HOOK-14.status": subscribed(({ deliveryStatus }) => {
    if (deliveryStatus !== undefined) deliveryStatus.lastError = "HTTP 500: the-body-of-500";
  }),
  "HOOK-15.private-addresses": onError("events/subscribe", () => taken),
  "HOOK-16.identity": {
    delivery({ headers }) {
      const wrong = `v1a,${btoa("x".repeat(64))}`;
      headers["webhook-signature"] = (headers["webhook-signature"] ?? "").replace(/v1a,\S+/, wrong);
      return true;
    },
  },
  "HOOK-17.unsubscribe": answers("events/unsubscribe", () => ({ result: {} })),
  "HOOK-17.unknown": onError("events/unsubscribe", () => ({})),
  "LIST-4.webhook": swallowed("terminated"),
  "AUTH-1.webhook": miscoded("events/subscribe"),
  "AUTH-2.webhook": swallowed("terminated"),
  "ORD-4.webhook": onBody((body) => {
    body.eventId += "-posted";
  }),
  "RULE-10.one-at-a-time": { detached: true },
  "RULE-10.window": subscribed(({ _meta }) => {
    const granted = _meta[ORDERING_EXTENSION].resequence;
    if (granted !== undefined) granted.window = 99;
  }),
  "RULE-11.nothing-passes": { delivered: (status) => (status === 503 ? 204 : status) },
  "RULE-14.gap-in-place": swallowed("gap"),
};
