import { defineEvent } from "@mcp-events/protocol";
import * as z from "zod";
import { type FixtureType, MAIN_LOG } from "./fixture-type";
import { ticksSince } from "./ticker-upstream";

/** Interval of a subscription that names none. */
const DEFAULT_INTERVAL_MS = 1000;

const definition = defineEvent("ticker.tick", {
  description:
    "A clock ticked. Tick n of an interval fires n × intervalMs after the Unix epoch, for every subscriber alike; " +
    "a cursor stays good when the server restarts.",
  inputSchema: z.strictObject({
    intervalMs: z
      .int()
      .min(50)
      .max(86_400_000)
      .default(DEFAULT_INTERVAL_MS)
      .describe("Time between two ticks, in milliseconds."),
  }),
  payloadSchema: z.looseObject({
    n: z.int().describe("Number of the tick: intervals since the Unix epoch."),
    intervalMs: z.int().describe("Time between two ticks, in milliseconds."),
    at: z.string().describe("When the tick was due, ISO 8601."),
  }),
});

/** Check-backed: its upstream is arithmetic, so it can be asked "since tick n" at any time. */
export const tickerTick: FixtureType = {
  definition,
  source: "check",
  log: MAIN_LOG,
  number: "n",
  register: ({ events, controls, now }) =>
    events.register(definition, {
      log: MAIN_LOG,
      sharedCheck: true,
      async check(_context, { intervalMs = DEFAULT_INTERVAL_MS }, cursor) {
        controls.upstreamAsked(definition.name);
        const { ticks, ...answer } = ticksSince(cursor, intervalMs, now());
        return { ...answer, events: ticks.map((n) => tick(n, intervalMs)) };
      },
      authorize: ({ principal }, name) => controls.allows(principal, name),
    }),
};

function tick(n: number, intervalMs: number) {
  const at = new Date(n * intervalMs).toISOString();
  return { data: { n, intervalMs, at }, eventId: `tick-${intervalMs}-${n}`, timestamp: at };
}
