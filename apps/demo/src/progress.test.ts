import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { drawing, Progress, plainLine, type Snapshot } from "./progress";

const snapshot: Snapshot = {
  phase: "posting",
  posted: 50,
  toPost: 100,
  paths: [
    { label: "stdio push", handled: 25, expected: 100, reconnects: 0 },
    { label: "http poll", handled: 100, expected: 100, reconnects: 3 },
  ],
  faults: "2 cuts",
};

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** What is written within ten seconds. */
function show(isTTY: boolean): string[] {
  const written: string[] = [];
  const output = { isTTY, columns: 60, write: (text: string | Uint8Array) => written.push(String(text)) > 0 };
  const progress = new Progress(output, () => snapshot);
  progress.start();
  vi.advanceTimersByTime(10_000);
  progress.stop();
  progress.stop();
  vi.advanceTimersByTime(10_000);
  return written;
}

describe("Progress", () => {
  it("writes a plain line every two seconds, and a last one, where there is no terminal", () => {
    const written = show(false);
    expect(written).toEqual(Array.from({ length: 6 }, () => `${plainLine(snapshot)}\n`));
    expect(written.join("")).not.toContain("\x1b");
  });

  it("redraws in place on a terminal, within its width", () => {
    const written = show(true);
    expect(written).toHaveLength(51);
    expect(written[0]).not.toContain("\x1b[4A");
    expect(written[1]?.startsWith("\x1b[4A")).toBe(true);
    for (const line of (written[1] ?? "").split("\n")) {
      expect(line.replace("\x1b[4A", "").replace("\x1b[2K", "").length).toBeLessThan(60);
    }
  });
});

it("says in one line how far each path is", () => {
  expect(plainLine(snapshot)).toBe("posting: posted 50/100; handled: stdio push 25, http poll 100; 2 cuts");
});

it("draws a bar for each path", () => {
  expect(drawing(snapshot)).toEqual([
    "posting; 2 cuts",
    "posted      ████████████░░░░░░░░░░░░  50/100",
    "stdio push  ██████░░░░░░░░░░░░░░░░░░  25/100  0 reconnects",
    "http poll   ████████████████████████  100/100  3 reconnects",
  ]);
});
