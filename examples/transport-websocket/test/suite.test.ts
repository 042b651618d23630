import { describeTransport } from "@mcp-events/conformance/transport";
import { expect, test } from "vitest";
import { webSocket } from "../src/index";
import { type Setup, start } from "./harness";

const setups: Record<string, Setup> = {
  WebSocket: { transports: [webSocket()], revision: "2025-11-25" },
  "WebSocket without an adapter": { transports: [], revision: "2025-11-25" },
  "WebSocket on 2026-07-28": { transports: [webSocket()], revision: "2026-07-28" },
};

for (const [name, setup] of Object.entries(setups)) {
  const report = describeTransport(name, () => start(setup), { test });
  test(`${name}: no case is skipped`, () => expect(report.skipped).toEqual([]));
}
