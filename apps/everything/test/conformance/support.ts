import type { CheckServerOptions, Report } from "@mcp-events/conformance/server";
import { EVERYTHING_DEFAULTS, type EverythingOptions } from "../../src/options";

/** The fixture with short waits. */
export const FIXTURE: Partial<EverythingOptions> = {
  allowLoopbackWebhooks: true,
  webhookIdentity: true,
  webhooks: { ...EVERYTHING_DEFAULTS.webhooks, firstRetryMs: 20, retryFactor: 1 },
};

/** The same, for those who start it themselves. */
export const QUICK_FIXTURE = {
  ...EVERYTHING_DEFAULTS,
  ...FIXTURE,
  heartbeatMs: 40,
  logLevel: "silent",
} as const;

/** The fixture's callers. */
export const ALICE = { authorization: "Bearer alice-token" };
const BOB = { authorization: "Bearer bob-token" };

/** A run against the fixture. */
export const RUN: CheckServerOptions = {
  controls: true,
  principal: "alice",
  otherHeaders: BOB,
  patienceMs: 5_000,
  heartbeatMs: 2_000,
  retryMs: 5_000,
  quietMs: 80,
};

/** Ids of the checks that found something. */
export function found({ results }: Report): string[] {
  return results.filter(({ status }) => status === "FAILURE" || status === "WARNING").map(({ id }) => id);
}
