import type { StoredPosition } from "@mcp-events/ordering";
import { expect, test } from "vitest";
import { settle } from "../../../ordering/src/testing/manual-clock";
import { PositionWriter } from "./position-writer";

/** A store whose writes end when they are told to; the newest snapshot is `state.cursor`. */
function setup() {
  const state = { cursor: "0", stored: "" };
  const writes: { cursor: string | null; end(error?: Error): void }[] = [];
  const set = (_: string, { cursor }: StoredPosition) =>
    new Promise<void>((resolve, reject) => {
      const end = (error?: Error) => {
        writes.shift();
        if (error !== undefined) return reject(error);
        state.stored = cursor ?? "";
        resolve();
      };
      writes.push({ cursor, end });
    });
  const store = { get: () => undefined, set, delete: () => {} };
  const writer = new PositionWriter(store, "k", () => ({ version: 1, cursor: state.cursor }));
  return { state, writes, writer };
}

test("one write at a time, also for a save that comes just as one ends", async () => {
  const { state, writes, writer } = setup();
  const first = writer.save();
  state.cursor = "1";
  const second = writer.save();
  // Runs after the first write is over, and before the second has begun.
  const third = first.then(() => {
    state.cursor = "2";
    return writer.save();
  });
  writes[0]?.end();
  await settle();
  expect(writes.map(({ cursor }) => cursor)).toEqual(["2"]);
  writes[0]?.end();
  await settle();
  expect(writes).toEqual([]);
  await Promise.all([second, third]);
  expect(state.stored).toBe("2");
});

test("saves that wait are one write; what is stored already is not written again", async () => {
  const { state, writes, writer } = setup();
  const saves = [writer.save(), writer.save(), writer.save()];
  state.cursor = "3";
  writes[0]?.end();
  await settle();
  expect(writes.map(({ cursor }) => cursor)).toEqual(["3"]);
  writes[0]?.end();
  await Promise.all(saves);
  await writer.save();
  expect(writes).toEqual([]);
});

test("a write that failed fails whoever waited for it, and nobody after", async () => {
  const { writes, writer } = setup();
  const first = writer.save();
  const second = writer.save();
  writes[0]?.end(new Error("full"));
  await expect(first).rejects.toThrow("full");
  await settle();
  writes[0]?.end();
  await second;
});
