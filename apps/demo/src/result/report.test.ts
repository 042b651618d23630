import { describe, expect, it } from "vitest";
import type { DemoResult, PathReport } from "./demo-result";
import { formatReport } from "./report";

const path: PathReport = {
  path: "stdio push",
  sdk: "v1",
  received: 120,
  outOfOrder: 0,
  duplicated: 0,
  altered: 0,
  lost: 0,
  gaps: 0,
  reconnects: 4,
  latencyMs: { p50: 5.25, p99: 1_234.5 },
  differences: [],
  identical: true,
};

const result: DemoResult = {
  ok: true,
  options: { seed: 7, events: 400, repos: 50, faults: "default" },
  deliveries: {
    posted: 400,
    recorded: 329,
    replayed: 71,
    kinds: 58,
    accepted: 400,
    redelivered: 9,
    forged: 3,
    forgedRefused: 3,
  },
  subscribedTypes: ["push", "fork"],
  emitted: 400,
  expected: 120,
  paths: [path],
  injected: {
    http: { cut: 1, hang: 2, outage: 3, stall: 4, delay: 5 },
    webhooks: { cut: 6, hang: 7, outage: 8, stall: 9, delay: 10 },
    stdio: { chunks: 100, split: 6, coalesced: 7, stalled: 8, delayed: 9 },
    kills: 3,
  },
  problems: [],
  durationMs: 12_345,
};

describe("formatReport", () => {
  it("says what was posted, that replays are replays, and what went wrong on purpose", () => {
    const report = formatReport(result);
    expect(report).toContain("400 deliveries of 58 kinds: 329 recorded by GitHub, 71 replays of them");
    expect(report).toContain(
      "(mostly of the types subscribed to), moved to 50 repositories and other numbers (seed 7)",
    );
    expect(report).toContain("9 redelivered with the same id and taken once; 3 of 3 forged ones refused");
    expect(report).toContain("HTTP 1 cut, 2 hung, 3 outages, 4 stalls, 5 delays; webhooks 6 cut");
    expect(report).toContain("9 stalls, 10 delays; stdio 6 split");
    expect(report).toContain("3 kill -9");
  });

  it("has a line for each path, and says that all is well", () => {
    const lines = formatReport(result).split("\n");
    expect(lines).toContain(
      "stdio push   v1       120             0           0     0        0     0           4     5.3  1234.5",
    );
    expect(lines).toContain(
      "Every path saw the emitter's sequence: 0 out of order, 0 duplicated, 0 lost (1 paths, 12.3 s).",
    );
  });

  it("names the path that failed, and its first differences", () => {
    const wrong = { ...path, lost: 1, identical: false, differences: ["stdio push: seq 3 was not received"] };
    const report = formatReport({ ...result, ok: false, paths: [wrong] });
    expect(report).toContain("  stdio push: seq 3 was not received");
    expect(report).toContain("FAILED: not the emitter's sequence on: stdio push");
    expect(report).not.toContain("Every path saw");
  });

  it("says when it is the run that failed, and has no latency where nothing came", () => {
    const nothing = { ...path, received: 0, latencyMs: null };
    const report = formatReport({ ...result, ok: false, paths: [nothing], problems: ["run: it broke"] });
    expect(report).toContain("  run: it broke");
    expect(report).toContain("FAILED: the run itself");
    expect(report).toMatch(/4 +- +-$/m);
  });
});
