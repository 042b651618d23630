import { decodeCursor, encodeCursor } from "@mcp-events/protocol";
import { expect, it } from "vitest";
import { beginningOf } from "./starting-point";

const position = { log: "events", epoch: 7, seq: 42 };

it("names the beginning of the log that a cursor lies in", () => {
  expect(decodeCursor(beginningOf(encodeCursor(position), "n"))).toEqual({ ...position, seq: 0 });
});

it.each([
  [null, "n does not replay"],
  ["foreign", "a format of its own"],
  [encodeCursor(position, { tag: () => "t", check: () => true }), "the server signs its cursors"],
])("%s: refused rather than guessed", (cursor, message) => {
  expect(() => beginningOf(cursor, "n")).toThrow(message);
});
