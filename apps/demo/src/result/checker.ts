import { percentile } from "./percentile";
import type { Emitted, Observed, ObservedGap } from "./record";

/** How many differences of a path are put into words. */
const DIFFERENCES_SHOWN = 5;

/** What one path made of the emitter's sequence. */
export interface PathResult {
  readonly path: string;
  /** Events the handler was given, repetitions included. */
  readonly received: number;
  /** Events that came after one that the emitter emitted later. */
  readonly outOfOrder: number;
  readonly duplicated: number;
  readonly lost: number;
  /** Events that the emitter did not emit, or whose name, position or payload is not the emitted one's. */
  readonly altered: number;
  readonly gaps: number;
  /** From emit to handler, in milliseconds; `null` when nothing was received. */
  readonly latencyMs: { readonly p50: number; readonly p99: number } | null;
  /** The first differences, in words. */
  readonly differences: readonly string[];
  /** The path saw the emitter's sequence: the same events, each once, in the same order, and no gap. */
  readonly identical: boolean;
}

/**
 * Compares what a path's handler was given with what the emitter emitted.
 *
 * @param emitted - The emitter's record of the types subscribed to, in the order of its calls.
 */
export function checkPath(
  path: string,
  emitted: readonly Emitted[],
  observed: readonly Observed[],
  gaps: readonly ObservedGap[] = [],
): PathResult {
  const places = new Map(emitted.map((event, place) => [event.eventId, place]));
  const seen = new Set<string>();
  const latencies: number[] = [];
  const differences: string[] = [];
  const counts = { outOfOrder: 0, duplicated: 0, altered: 0 };
  let furthest = -1;

  for (const [index, event] of observed.entries()) {
    const where = `${path}: event ${index + 1} (${event.name} ${event.eventId})`;
    const place = places.get(event.eventId);
    const original = place === undefined ? undefined : emitted[place];
    if (place === undefined || original === undefined) {
      counts.altered += 1;
      differences.push(`${where} was never emitted`);
      continue;
    }
    if (seen.has(event.eventId)) {
      counts.duplicated += 1;
      differences.push(`${where} had been received before`);
      continue;
    }
    seen.add(event.eventId);
    latencies.push(event.handledAt - original.emittedAt);
    const alteration = alterationOf(original, event);
    if (alteration !== undefined) {
      counts.altered += 1;
      differences.push(`${where} differs from the emitted one: ${alteration}`);
    }
    if (place < furthest) {
      counts.outOfOrder += 1;
      differences.push(`${where} came after ${emitted[furthest]?.eventId}, emitted later`);
    }
    furthest = Math.max(furthest, place);
  }

  const lost = emitted.filter(({ eventId }) => !seen.has(eventId));
  differences.push(...lost.map((e) => `${path}: seq ${e.seq} (${e.name} ${e.eventId}) was not received`));
  differences.push(...gaps.map(({ gap }) => `${path}: a gap was reported: ${gap}`));
  return {
    path,
    received: observed.length,
    ...counts,
    lost: lost.length,
    gaps: gaps.length,
    latencyMs:
      latencies.length === 0 ? null : { p50: percentile(latencies, 0.5), p99: percentile(latencies, 0.99) },
    differences: differences.slice(0, DIFFERENCES_SHOWN),
    identical: differences.length === 0,
  };
}

/** What the emitter is checked for against the deliveries that were posted. */
export interface PostedDelivery {
  readonly id: string;
  readonly type: string;
  readonly digest: string;
}

/**
 * Compares the emitter's record with what was posted, and its numbers with its calls: each delivery emitted once, as it
 * was posted, and numbered in the order of the calls (ORD-8).
 *
 * @returns what is wrong, in words; empty when nothing is.
 */
export function checkEmitter(posted: readonly PostedDelivery[], emitted: readonly Emitted[]): string[] {
  const problems: string[] = [];
  const open = new Map(posted.map((delivery) => [delivery.id, delivery]));
  for (const [index, event] of emitted.entries()) {
    const delivery = open.get(event.eventId);
    open.delete(event.eventId);
    if (delivery === undefined) {
      problems.push(`emitter: ${event.eventId} was emitted twice, or never posted`);
      continue;
    }
    if (delivery.type !== event.name || delivery.digest !== event.digest) {
      problems.push(`emitter: ${event.eventId} is not what was posted`);
    }
    const previous = emitted[index - 1];
    if (previous !== undefined && (event.epoch !== previous.epoch || event.seq <= previous.seq)) {
      problems.push(`emitter: ${event.eventId} was emitted later and has the lower number ${event.seq}`);
    }
  }
  for (const { id, type } of open.values()) problems.push(`emitter: ${type} ${id} was posted, not emitted`);
  return problems;
}

function alterationOf(original: Emitted, event: Observed): string | undefined {
  if (original.name !== event.name) return `name ${event.name}, not ${original.name}`;
  if (original.epoch !== event.epoch) return `epoch ${event.epoch}, not ${original.epoch}`;
  if (original.seq !== event.seq) return `seq ${event.seq}, not ${original.seq}`;
  if (original.digest !== event.digest) return "payload";
  return undefined;
}
