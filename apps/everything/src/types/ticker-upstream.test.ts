import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MAX_STEP_BACK_MS, MAX_TICKS_BACK, PAGE_TICKS, ticksSince } from "./ticker-upstream";

const NOW = 1_800_000_000_250;
const CURRENT = 1_800_000_000;

describe("ticksSince", () => {
  it("begins now without a cursor, and says when the next tick is due", () => {
    expect(ticksSince(null, 1000, NOW)).toEqual({
      ticks: [],
      cursor: String(CURRENT),
      truncated: false,
      hasMore: false,
      nextCheckMs: 750,
    });
  });

  it("tells the ticks since a cursor, whoever asks: an old cursor survives a restart", () => {
    const { ticks, cursor, truncated, hasMore } = ticksSince(String(CURRENT - 3), 1000, NOW);
    expect(ticks).toEqual([CURRENT - 2, CURRENT - 1, CURRENT]);
    expect({ cursor, truncated, hasMore }).toEqual({
      cursor: String(CURRENT),
      truncated: false,
      hasMore: false,
    });
  });

  it("tells a long past in pages that lack nothing and repeat nothing", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: MAX_TICKS_BACK }), (back) => {
        const told: number[] = [];
        let answer = ticksSince(String(CURRENT - back), 1000, NOW);
        told.push(...answer.ticks);
        while (answer.hasMore) {
          answer = ticksSince(answer.cursor, 1000, NOW);
          expect(answer.ticks.length).toBeLessThanOrEqual(PAGE_TICKS);
          told.push(...answer.ticks);
        }
        expect(told).toEqual(Array.from({ length: back }, (_, index) => CURRENT - back + index + 1));
      }),
      { numRuns: 30 },
    );
  });

  it("is truncated beyond what it remembers, and goes on from there", () => {
    const answer = ticksSince(String(CURRENT - MAX_TICKS_BACK - 1), 1000, NOW);
    expect(answer.truncated).toBe(true);
    expect(answer.ticks[0]).toBe(CURRENT - MAX_TICKS_BACK + 1);
  });

  it.each(["", "x", "-1", "1e9", "0x10", "9".repeat(400), "1.5"])(
    "takes a cursor it cannot read (%j) for a gap, not for an error",
    (cursor) => {
      expect(ticksSince(cursor, 1000, NOW)).toMatchObject({
        ticks: [],
        cursor: String(CURRENT),
        truncated: true,
      });
    },
  );

  it("waits for a cursor a little ahead, as after a step back of the clock", () => {
    const ahead = String(CURRENT + MAX_STEP_BACK_MS / 1000);
    expect(ticksSince(ahead, 1000, NOW)).toMatchObject({ ticks: [], cursor: ahead, truncated: false });
  });

  it("does not wait for a cursor far ahead, which is forged", () => {
    const forged = String(CURRENT + MAX_STEP_BACK_MS / 1000 + 1);
    expect(ticksSince(forged, 1000, NOW)).toMatchObject({ cursor: String(CURRENT), truncated: true });
  });
});
