import type { Engine } from "../engine";
import type { EventType } from "../registry/event-type";
import type { UpstreamGroup } from "../upstream/upstream-group";
import { findStart, pastHole, type Start } from "./start";

/**
 * Where a subscription that is told of its start begins: after what its request says, past what retention took.
 *
 * @throws as {@link findStart}.
 */
export async function startOf(
  engine: Engine,
  { replay, logName, name }: EventType,
  group: UpstreamGroup | undefined,
  { cursor, maxAgeMs }: { readonly cursor: string | null; readonly maxAgeMs?: number | null | undefined },
): Promise<Start> {
  const log = engine.logOf(logName);
  const found = await findStart({
    log,
    group,
    cursor: replay ? cursor : null,
    maxAgeMs,
    now: engine.clock.now(),
    durable: engine.options.store.durable,
  });
  return pastHole(await log.open(), name, found);
}
