import type { PositionStore } from "@mcp-events/ordering";
import {
  type Clock,
  EventsError,
  type Guarantee,
  type Logger,
  silentLogger,
  systemClock,
} from "@mcp-events/protocol";
import type { OrderedItem } from "./ordered-item";
import { RECEIVER_DEFAULTS } from "./receiver-options";

/** Options of `orderedHandler`. */
export interface OrderedHandlerOptions {
  /** Called with one item after the other in each lane; what it throws returns the lane to the sender. */
  handle(item: OrderedItem): void | Promise<void>;
  /** Where committed positions are kept; without it, a restart begins at what the sender says is settled (ORDERING rule 16). */
  readonly positions?: PositionStore | undefined;
  /** Names the subscription in `positions`; needed with it. */
  readonly key?: string | undefined;
  /** What order the event type promises: one line, or one for each ordering key; default `subscription`. */
  readonly guarantee?: Guarantee | undefined;
  /** How long an event waits for what is missing before it, in milliseconds; default 2,000, as receivers offer. */
  readonly holdMs?: number | undefined;
  /** `eventId`s remembered for senders that give no positions; default 1,000. */
  readonly dedupeWindow?: number | undefined;
  /** Default: the machine's own time. */
  readonly clock?: Clock | undefined;
  /** Default: says nothing. */
  readonly logger?: Logger | undefined;
}

/** Defaults of {@link OrderedHandlerOptions}. */
export const ORDERED_DEFAULTS = {
  guarantee: "subscription",
  holdMs: RECEIVER_DEFAULTS.resequence.holdMs,
  dedupeWindow: 1_000,
} as const;

/** {@link OrderedHandlerOptions} with every default filled in. */
export interface OrderedSettings {
  readonly handle: (item: OrderedItem) => void | Promise<void>;
  readonly positions: PositionStore | undefined;
  readonly key: string;
  readonly guarantee: Guarantee;
  readonly holdMs: number;
  readonly dedupeWindow: number;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** @throws EventsError `option_invalid` naming the field. */
export function orderedSettings(options: OrderedHandlerOptions): OrderedSettings {
  const { key, positions } = options;
  if (positions !== undefined && (key === undefined || key === "")) {
    throw new EventsError("option_invalid", "key must be given with positions");
  }
  const dedupeWindow = options.dedupeWindow ?? ORDERED_DEFAULTS.dedupeWindow;
  if (!Number.isInteger(dedupeWindow) || dedupeWindow < 1) {
    throw new EventsError("option_invalid", `dedupeWindow must be a positive integer, not ${dedupeWindow}`);
  }
  return {
    handle: (item) => options.handle(item),
    positions,
    key: key ?? "",
    guarantee: options.guarantee ?? ORDERED_DEFAULTS.guarantee,
    holdMs: options.holdMs ?? ORDERED_DEFAULTS.holdMs,
    dedupeWindow,
    clock: options.clock ?? systemClock,
    logger: options.logger ?? silentLogger,
  };
}
