import type { RunOptions } from "../kit/run-checks";

/** What the application behind a receiver saw: an event, or a control envelope. */
export interface Observed {
  /** Of an event. */
  readonly eventId?: string | undefined;
  /** Of an envelope: `gap` or `terminated`. */
  readonly type?: string | undefined;
}

/** How a receiver is checked. */
export interface CheckReceiverOptions extends RunOptions {
  /** The secret that the receiver verifies with. */
  readonly secret: string;
  /** Sent as `X-MCP-Subscription-Id`; default `sub_conformance`. */
  readonly subscriptionId?: string | undefined;
  /** Name of the event type that the receiver awaits; default `conformance.event`. */
  readonly type?: string | undefined;
  /** What the application saw so far, in order; a function, or a URL that answers with a JSON array. Default: not known. */
  readonly observed?: string | (() => readonly Observed[] | Promise<readonly Observed[]>) | undefined;
  /** Whether the receiver puts events in order that carry the marks of `dev.mcp-events/ordering`; default false. */
  readonly resequences?: boolean | undefined;
  /** Longest wait for an answer, in milliseconds; default 10,000. */
  readonly patienceMs?: number | undefined;
  /** Bytes of the body that is too large; default 2 MiB. */
  readonly largeBytes?: number | undefined;
}

export const RECEIVER_CHECK_DEFAULTS = {
  subscriptionId: "sub_conformance",
  type: "conformance.event",
  resequences: false,
  patienceMs: 10_000,
  largeBytes: 2 * 1024 * 1024,
} as const satisfies Partial<CheckReceiverOptions>;

/** Options with their defaults. */
export type ReceiverSettings = CheckReceiverOptions & {
  readonly [Name in keyof typeof RECEIVER_CHECK_DEFAULTS]: NonNullable<CheckReceiverOptions[Name]>;
};

/** Fills in the defaults; `undefined` counts as left out. */
export function receiverSettings(options: CheckReceiverOptions): ReceiverSettings {
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  return { ...RECEIVER_CHECK_DEFAULTS, ...Object.fromEntries(given) } as ReceiverSettings;
}
