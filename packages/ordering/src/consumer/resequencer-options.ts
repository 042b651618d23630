import { type Clock, EventsError, type Guarantee, systemClock } from "@mcp-events/protocol";
import type { ConsumerState } from "./consumer-state";

/** Options of a {@link Resequencer}. */
export interface ResequencerOptions {
  /** What order the event type promises; default `subscription`. */
  readonly guarantee?: Guarantee | undefined;
  /**
   * Whether an event may be handed out ahead of the position once its key's predecessor was; default: with guarantee
   * `key`. Off for channels that keep order by themselves: there, whatever is missing was lost.
   */
  readonly releaseAhead?: boolean | undefined;
  /** Default: the machine's own time. */
  readonly clock?: Clock | undefined;
  /** How long an event is held before what is missing should be asked for, in milliseconds; default 2,000. */
  readonly holdMs?: number | undefined;
  /** Events held at most; default 1,000. */
  readonly maxHeld?: number | undefined;
  /** Separate intervals handled ahead of the position at most (guarantee `key`); default 256. */
  readonly maxAhead?: number | undefined;
  /** Events released and not committed at which deliveries are refused; default 1,000. */
  readonly maxReleased?: number | undefined;
  /** Whether the committed state is stored; one that stores nothing follows the sender's `settled` (rule 16). Default true. */
  readonly stores?: boolean | undefined;
  /** Where to go on. */
  readonly state?: ConsumerState | undefined;
  /** The cursor that was stored with `state`, or to begin from. */
  readonly cursor?: string | null | undefined;
  /** What {@link Resequencer.recent} was when `state` was stored. */
  readonly recent?: readonly string[] | undefined;
}

/** How the channel that now carries events behaves: see the fields of the same names in {@link ResequencerOptions}. */
export interface ChannelOptions {
  /** Ignored with guarantee `subscription`. */
  readonly releaseAhead: boolean;
  /** In milliseconds. */
  readonly holdMs: number;
}

/** Defaults of {@link ResequencerOptions}. */
export const RESEQUENCER_DEFAULTS = {
  guarantee: "subscription",
  holdMs: 2_000,
  maxHeld: 1_000,
  maxAhead: 256,
  maxReleased: 1_000,
  stores: true,
} as const;

/** {@link ResequencerOptions} with every default filled in. */
export interface ResequencerSettings {
  readonly guarantee: Guarantee;
  readonly releaseAhead: boolean;
  readonly clock: Clock;
  readonly holdMs: number;
  readonly maxHeld: number;
  readonly maxAhead: number;
  readonly maxReleased: number;
  readonly stores: boolean;
}

/** @throws EventsError `option_invalid` naming the field. */
export function resequencerSettings(options: ResequencerOptions): ResequencerSettings {
  const guarantee = options.guarantee ?? RESEQUENCER_DEFAULTS.guarantee;
  const settings = {
    guarantee,
    clock: options.clock ?? systemClock,
    ...channelSettings(guarantee, {
      releaseAhead: options.releaseAhead ?? true,
      holdMs: options.holdMs ?? RESEQUENCER_DEFAULTS.holdMs,
    }),
    maxHeld: options.maxHeld ?? RESEQUENCER_DEFAULTS.maxHeld,
    maxAhead: options.maxAhead ?? RESEQUENCER_DEFAULTS.maxAhead,
    maxReleased: options.maxReleased ?? RESEQUENCER_DEFAULTS.maxReleased,
    stores: options.stores ?? RESEQUENCER_DEFAULTS.stores,
  };
  for (const field of ["maxHeld", "maxAhead", "maxReleased"] as const) {
    if (Number.isInteger(settings[field]) && settings[field] > 0) continue;
    throw new EventsError("option_invalid", `${field} must be a positive integer, not ${settings[field]}`);
  }
  return settings;
}

/** @throws EventsError `option_invalid` naming the field. */
export function channelSettings(
  guarantee: Guarantee,
  { releaseAhead, holdMs }: ChannelOptions,
): ChannelOptions {
  if (!(holdMs >= 0)) {
    throw new EventsError("option_invalid", `holdMs must not be negative, but is ${holdMs}`);
  }
  return { releaseAhead: guarantee === "key" && releaseAhead, holdMs };
}
