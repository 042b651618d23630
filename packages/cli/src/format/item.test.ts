import type { SubscriptionEvent, SubscriptionGap } from "@mcp-events/client";
import { describe, expect, it } from "vitest";
import { jsonItem, readableItem } from "./item";
import { stylesFor } from "./styles";

const commit = async () => {};
const position = { log: "events", epoch: 3, seq: 17 };
const event: SubscriptionEvent = {
  kind: "event",
  eventId: "e1",
  name: "note.created",
  timestamp: "2026-01-01T00:00:00.000Z",
  data: { text: "hi" },
  position,
  mode: "push",
  commit,
};
const gap: SubscriptionGap = { kind: "gap", reason: "truncated", to: position, commit };
const plain = readableItem(stylesFor(false));

describe("an item for people", () => {
  it("is one line: time, name, number, data", () => {
    expect(plain(event)).toBe('2026-01-01T00:00:00.000Z note.created #17 {"text":"hi"}');
    expect(plain({ ...event, position: undefined })).toBe(
      '2026-01-01T00:00:00.000Z note.created {"text":"hi"}',
    );
  });

  it("ORD-2: a gap says why, and between which places", () => {
    expect(plain(gap)).toBe("--- gap: the server no longer has what came before (up to #17 of events/3)");
    expect(plain({ kind: "gap", reason: "lost", commit })).toBe(
      "--- gap: events are missing and nobody can give them again",
    );
    expect(plain({ ...gap, from: { ...position, seq: 9 } })).toContain(
      "(after #9 of events/3, up to #17 of events/3)",
    );
  });

  it("is coloured where that is wanted", () => {
    const colored = readableItem(stylesFor(true));
    expect(colored(event)).toContain("\u001b[36mnote.created\u001b[39m");
    expect(colored(gap).startsWith("\u001b[33m--- gap")).toBe(true);
  });

  it("cannot move a terminal's cursor, begin a second line, or reverse what is read", () => {
    const evil = {
      ...event,
      name: "a\u001b[2Jb\nc\u009bd\u202ee",
      data: { text: "x\u001b]0;y\u0007\u009b\n\u202e" },
    };
    const line = plain(evil);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
    expect(line).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202e]/);
    expect(line).toContain("a\\u001b[2Jb\\u000ac\\u009bd\\u202ee");
  });
});

describe("an item for programs", () => {
  it("is one JSON object a line", () => {
    const { commit: _, ...rest } = event;
    expect(JSON.parse(jsonItem(event))).toEqual(rest);
    expect(JSON.parse(jsonItem(gap))).toEqual({ kind: "gap", reason: "truncated", to: position });
  });

  it("keeps every character of the data", () => {
    const data = { text: '\u001b\u0000\u009b\u2028\n\\u001b"' };
    const line = jsonItem({ ...event, data });
    expect(line).not.toContain("\u009b");
    expect(JSON.parse(line).data).toEqual(data);
  });
});
