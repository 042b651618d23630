import type { RunOptions } from "../kit/run-checks";

/** How a client is checked. */
export interface CheckClientOptions extends RunOptions {
  /** Longest wait for anything the client has to do, in milliseconds; default 15,000. */
  readonly patienceMs?: number | undefined;
  /** Heartbeat interval that the client expects, in milliseconds; default 30,000. */
  readonly heartbeatMs?: number | undefined;
  /** How long nothing must come where nothing may come, in milliseconds; default 2,000. */
  readonly quietMs?: number | undefined;
  /** Wait between two polls that the scripted server asks for, in milliseconds; default 1,500. */
  readonly nextPollMs?: number | undefined;
}

export const CLIENT_CHECK_DEFAULTS = {
  patienceMs: 15_000,
  heartbeatMs: 30_000,
  quietMs: 2_000,
  nextPollMs: 1_500,
} as const satisfies CheckClientOptions;

/** Options with their defaults. */
export type ClientSettings = CheckClientOptions & {
  readonly [Name in keyof typeof CLIENT_CHECK_DEFAULTS]: NonNullable<CheckClientOptions[Name]>;
};

/** Fills in the defaults; `undefined` counts as left out. */
export function clientSettings(options: CheckClientOptions): ClientSettings {
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  return { ...CLIENT_CHECK_DEFAULTS, ...Object.fromEntries(given) } as ClientSettings;
}
