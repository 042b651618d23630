import { describeTransport } from "@mcp-events/conformance/transport";
import { test } from "vitest";
import { start } from "./testing/start";

const PAIRS = [
  ["v1 session", "v1 client"],
  ["v2 session", "v2 client"],
  ["v2 handler", "v2 client"],
] as const;

for (const [kind, client] of PAIRS) {
  describeTransport(`500 streams, ${kind}, ${client}`, () => start(kind, client), {
    test: (title, fn) => (title.includes("many streams") ? test(title, fn, 60_000) : undefined),
    streams: 500,
  });
}
