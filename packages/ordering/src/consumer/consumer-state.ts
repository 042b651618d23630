import type { Interval } from "./interval-set";

/** What a consumer keeps of its place in a log: the committed position and what is committed ahead of it (ORD-9). */
export interface ConsumerState {
  readonly log: string;
  readonly epoch: number;
  /** Everything of the view at or before it is done with. */
  readonly through: number;
  /** Intervals (after, through] done with ahead of `through`. */
  readonly ahead: readonly Interval[];
}

/** Reads a stored {@link ConsumerState}; `undefined` when it is not one. */
export function parseConsumerState(value: unknown): ConsumerState | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const { log, epoch, through, ahead } = value as Record<string, unknown>;
  if (typeof log !== "string" || !isCount(epoch) || !isCount(through) || !Array.isArray(ahead))
    return undefined;
  if (!ahead.every(isInterval)) return undefined;
  return { log, epoch, through, ahead };
}

function isInterval(value: unknown): value is Interval {
  return (
    Array.isArray(value) &&
    value.length === 2 &&
    isCount(value[0]) &&
    isCount(value[1]) &&
    value[0] < value[1]
  );
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
