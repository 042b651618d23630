import type { OrderingPosition } from "@mcp-events/protocol";
import type { Arrival, GapReason } from "./release";

/** The server's answer to a request of ours: a poll result, the first message of a stream, a subscribe result. */
export interface Answer<T> {
  /** Where the server says it stands after `events`. */
  readonly position?: OrderingPosition | undefined;
  /** The cursor that stands for `position`. */
  readonly cursor?: string | null | undefined;
  /** Whether the server skipped events between the request's cursor and the first of `events` (CUR-6). */
  readonly truncated: boolean;
  /** When the request carried no cursor although there was a position: what to call the gap (rule 22). */
  readonly skipped?: GapReason | undefined;
  /** In view order. */
  readonly events: readonly Arrival<T>[];
}

/** What is known to be missing, before the lowest held event or before a position that was told. */
export interface Missing {
  /** The number that has to be reached; what is missing lies at or before it. */
  readonly until: number;
  /** When the hold time is over, in milliseconds since the epoch. */
  readonly due: number;
}
