import type { Profile } from "@mcp-events/protocol";
import type { RunOptions } from "../kit/run-checks";
import type { Style } from "./target";

/** How a server is checked. All have a default. */
export interface CheckServerOptions extends RunOptions {
  /** How the server is spoken to; default `auto`: revision 2026-07-28 when it knows it, else with a session. */
  readonly style?: Style | "auto" | undefined;
  /** Which numbers the error names have; default `sep-3415`. */
  readonly profile?: Profile | undefined;
  /** Event type that events are awaited of; default the first that fits. */
  readonly type?: string | undefined;
  /** Arguments for `type`; default the least that its `inputSchema` asks for. */
  readonly arguments?: Readonly<Record<string, unknown>> | undefined;
  /** A tool of the server that causes one event of `type` each time it is called, such as `create_note`. */
  readonly trigger?:
    | { readonly tool: string; readonly arguments?: Readonly<Record<string, unknown>> }
    | undefined;
  /**
   * Whether the tools of a fixture (`emit`, `revoke`, `truncate`, …) are used where they are offered; default false: a
   * server may have tools of these names that mean something else.
   */
  readonly controls?: boolean | undefined;
  /** The caller's name, as the fixture's tool `revoke` knows it; without it nothing is revoked. */
  readonly principal?: string | undefined;
  /** HTTP headers of a second caller with another principal; without them what needs two callers is skipped. */
  readonly otherHeaders?: Readonly<Record<string, string>> | undefined;
  /** Whether the server confirms callback URLs in another way than by a challenge; default false. */
  readonly allowlisted?: boolean | undefined;
  /** Longest wait for an answer, an event or a delivery, in milliseconds; default 10,000. */
  readonly patienceMs?: number | undefined;
  /** How long a quiet stream is watched for its heartbeat, in milliseconds; default 35,000. */
  readonly heartbeatMs?: number | undefined;
  /** How long nothing must come where nothing may come, in milliseconds; default 500. */
  readonly quietMs?: number | undefined;
  /** Longest wait for the second attempt at a delivery, in milliseconds; default 60,000. */
  readonly retryMs?: number | undefined;
  /** Where webhooks are received: a port of 127.0.0.1 and the public URL that leads to it; default loopback alone. */
  readonly callback?: { readonly port: number; readonly url: string } | undefined;
}

/** Options with their defaults. */
export type ServerSettings = CheckServerOptions & {
  readonly [Name in keyof typeof SERVER_CHECK_DEFAULTS]: NonNullable<CheckServerOptions[Name]>;
};

export const SERVER_CHECK_DEFAULTS = {
  style: "auto",
  profile: "sep-3415",
  controls: false,
  allowlisted: false,
  patienceMs: 10_000,
  heartbeatMs: 35_000,
  quietMs: 500,
  retryMs: 60_000,
} as const satisfies CheckServerOptions;

/** Fills in the defaults; `undefined` counts as left out. */
export function settingsOf(options: CheckServerOptions): ServerSettings {
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  return { ...SERVER_CHECK_DEFAULTS, ...Object.fromEntries(given) } as ServerSettings;
}
