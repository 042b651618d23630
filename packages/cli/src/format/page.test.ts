import { expect, it } from "vitest";
import { pageJson, pageText } from "./page";
import { stylesFor } from "./styles";

const event = { eventId: "e", name: "n", timestamp: "2026-01-01T00:00:00Z", data: { a: 1 } };
const text = (page: object) => pageText({ ...page }, stylesFor(false)).split("\n");

it("shows events, then where to go on", () => {
  expect(text({ events: [event], cursor: "c", hasMore: false, nextPollMs: 500, truncated: false })).toEqual([
    '2026-01-01T00:00:00Z n {"a":1}',
    "cursor: c",
    "next poll in 500 ms",
  ]);
  expect(text({ events: [], cursor: null, hasMore: true })).toEqual([
    "cursor: none, the type does not replay",
    "more is waiting",
  ]);
});

it("CUR-6: a truncated page begins with a gap", () => {
  expect(text({ events: [event], cursor: "c", truncated: true })[0]).toMatch(/^--- gap/);
});

it("an event that cannot be read is shown as it came, and the others with it", () => {
  expect(text({ events: [7, event], cursor: "c" }).slice(0, 2)).toEqual([
    "malformed 7",
    '2026-01-01T00:00:00Z n {"a":1}',
  ]);
});

it("as JSON is what the server sent", () => {
  expect(pageJson({ resultType: "complete", events: [7], cursor: "c", more: "x" })).toBe(
    '{"events":[7],"cursor":"c","more":"x"}',
  );
});
