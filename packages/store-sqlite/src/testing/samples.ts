import type { NewEntry } from "@mcp-events/ordering";

/** A new entry whose data is its number. */
export function entry(n: number, more: Partial<NewEntry> = {}): NewEntry {
  const timestamp = "2026-01-01T00:00:00.000Z";
  return { kind: "event", name: "suite.event", eventId: `event-${n}`, timestamp, data: { n }, ...more };
}

/** So many entries. */
export const entries = (count: number, first = 0) =>
  Array.from({ length: count }, (_, n) => entry(first + n));

/** A subscription with one secret. */
export const subscription = (id: string, secret = "whsec_c2VjcmV0") => ({
  id,
  principal: "ann",
  url: "https://receiver.example/hook",
  name: "suite.event",
  arguments: {},
  secrets: [{ secret, until: null }],
  expiresAt: null,
});

/** A place at the beginning. */
export const place = { epoch: 1, through: 0, last: 0, givenUp: [] };
