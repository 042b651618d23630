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
import { WIRE } from "./pins";
import { exportLines } from "./read-exports";

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

// A change of exports.txt is a change that users see: it needs a changeset. Rewrite it with `vitest run tooling -u`.
test("every entry exports the names in exports.txt and no others", { timeout: 60_000 }, async () => {
  await expect(exportLines()).toMatchFileSnapshot("./exports.txt");
});
