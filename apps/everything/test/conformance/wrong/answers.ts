import { EVENTS_EXTENSION, ORDERING_EXTENSION } from "@mcp-events/protocol";
import type { Raw } from "../../support/json-rpc";
import {
  answers,
  dropped,
  invalidParams,
  miscoded,
  onError,
  onNotification,
  onRequest,
  onResult,
  type Wrong,
} from "./wrong";

const polled = (change: (event: Raw) => void): Wrong =>
  onResult("events/poll", ({ events }) => events.forEach(change));

const capabilities = (change: (capabilities: Raw) => void): Wrong =>
  onResult("server/discover", (result) => change(result.capabilities));

const listed = (change: (events: Raw[]) => void): Wrong =>
  onResult("events/list", ({ events }) => change(events));

/** A server that remembers which cursors it has served. */
function forgetful(): Wrong {
  const seen = new Set<string>();
  return onResult("events/poll", (result, { cursor }) => {
    if (seen.has(cursor)) result.events = [];
    if (result.events.length > 0) seen.add(cursor);
  });
}

/** Every event type but the first that is polled counts for itself. */
function twoCounts(): Wrong {
  let first: string | undefined;
  return polled((event) => {
    first ??= event.name;
    if (event.name !== first) event._meta[ORDERING_EXTENSION].seq += 1_000_000;
  });
}

/** What is wrong with answers to requests, by the check that has to find it. */
export const WRONG_ANSWERS: Readonly<Record<string, Wrong>> = {
  "CAP-1.declared": capabilities(({ extensions }) => {
    extensions[EVENTS_EXTENSION] = { listChanged: "yes" };
  }),
  "CAP-2.top-level": capabilities((found) => {
    delete found.events;
  }),
  "CAP-4.not-offered": capabilities((found) => {
    delete found.events;
    delete found.extensions[EVENTS_EXTENSION];
  }),
  "CAP-5.result-type": onResult("events/poll", (result) => {
    delete result.resultType;
  }),
  "LIST-1.result": listed((events) => {
    events.push(events[0]);
  }),
  "LIST-1.bad-cursor": onRequest("events/list", (params) => {
    delete params.cursor;
  }),
  "LIST-2.name": listed(([first]) => {
    delete first.description;
  }),
  "LIST-2.delivery": listed(([first]) => {
    first.delivery = [];
  }),
  "LIST-2.schemas": listed(([first]) => {
    first.payloadSchema = { type: "no such type" };
  }),
  "LIST-3.list-changed": dropped("list_changed"),
  "LIST-4.poll": onError("events/poll", (error) => {
    error.data = { kind: "subscription" };
  }),
  "OCC-1.fields": polled((event) => {
    event.timestamp = "yesterday";
  }),
  "OCC-1.payload": {
    ...polled((event) => {
      event.data.id = 7;
    }),
    options: { type: "note.created" },
  },
  "OCC-2.unique": polled((event) => {
    event.eventId = "always-the-same";
  }),
  "OCC-2.same-id": onNotification("event", (params) => {
    params.eventId += "-pushed";
  }),
  "OCC-3.too-large": answers("tools/call", ({ arguments: args }) =>
    args.data?.padding === undefined ? undefined : { result: { content: [], structuredContent: {} } },
  ),
  "CUR-1.absent": answers("events/poll", (params) => ("cursor" in params ? undefined : invalidParams)),
  "CUR-2.now": onResult("events/poll", (result, { cursor }) => {
    if (cursor === null) result.events = [{ eventId: "of-before" }];
  }),
  "CUR-2.onwards": onResult("events/poll", (result) => {
    result.events = result.events.slice(0, 1);
  }),
  "CUR-3.consistent": onNotification("event", (params) => {
    params.cursor = null;
  }),
  "CUR-4.advances": onResult("events/poll", (result, { cursor }) => {
    result.cursor = cursor ?? result.cursor;
  }),
  "CUR-5.floor": onRequest("events/poll", (params) => {
    delete params.maxAgeMs;
  }),
  "CUR-5.truncated": onResult("events/poll", (result) => {
    result.truncated = false;
  }),
  "CUR-5.null": onResult("events/poll", (result, { cursor, maxAgeMs }) => {
    if (cursor === null && maxAgeMs !== undefined) result.truncated = true;
  }),
  "CUR-6.unreadable": answers("events/poll", ({ cursor }) =>
    cursor?.startsWith("no-such") ? invalidParams : undefined,
  ),
  "CUR-6.poll": onResult("events/poll", (result) => {
    result.truncated = false;
  }),
  "POLL-1.result": onResult("events/poll", (result) => {
    delete result.hasMore;
  }),
  "POLL-1.next-poll": onResult("events/poll", (result) => {
    result.nextPollMs = "soon";
  }),
  "POLL-2.repeatable": forgetful(),
  "POLL-2.no-event-cursor": polled((event) => {
    event.cursor = "of-its-own";
  }),
  "POLL-3.max-events": onRequest("events/poll", (params) => {
    delete params.maxEvents;
  }),
  "POLL-5.unknown-name": miscoded("events/poll"),
  "POLL-5.invalid-arguments": miscoded("events/poll"),
  "POLL-5.mode": onError("events/poll", (error) => {
    delete error.data;
  }),
  "POLL-7.long-poll": onResult("events/poll", (result, { timeoutMs }) => {
    if (timeoutMs !== undefined) result.events = [];
  }),
  "AUTH-1.poll": miscoded("events/poll"),
  "ORD-5.one-log": twoCounts(),
  "ORD-8.emit-order": onResult("events/poll", ({ events }) => events.reverse()),
};
