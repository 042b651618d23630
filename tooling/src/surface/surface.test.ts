import {
  DELIVERY_MODES,
  EVENTS_EXTENSION,
  HEARTBEAT_MS,
  MAX_EVENT_BYTES,
  METHODS,
  MIN_POLL_MS,
  NOTIFICATIONS,
  ORDERING_EXTENSION,
  ORDERING_VERSION,
  SUBSCRIPTION_ID,
  WIRE_CODES,
} from "@mcp-events/protocol";
import { expect, test } from "vitest";
import { EXPORTS, WIRE } from "./pins";
import { readExports } from "./read-exports";

test("codes, methods, notifications, _meta keys and limits of the wire are the pinned ones", () => {
  expect({
    codes: WIRE_CODES,
    methods: METHODS,
    notifications: NOTIFICATIONS,
    deliveryModes: DELIVERY_MODES,
    eventsExtension: EVENTS_EXTENSION,
    orderingExtension: ORDERING_EXTENSION,
    orderingVersion: ORDERING_VERSION,
    subscriptionId: SUBSCRIPTION_ID,
    maxEventBytes: MAX_EVENT_BYTES,
    heartbeatMs: HEARTBEAT_MS,
    minPollMs: MIN_POLL_MS,
  }).toEqual(WIRE);
});

const exported = readExports();

test("the entries that can be imported are the pinned ones", () => {
  expect(Object.keys(exported)).toEqual(Object.keys(EXPORTS));
});

test.each(Object.keys(EXPORTS))("%s exports the pinned names and no others", (entry) => {
  expect(exported[entry]).toEqual(EXPORTS[entry]);
});
