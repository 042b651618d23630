import type { PositionStore, StoredPosition } from "@mcp-events/ordering";
import { EventsError } from "@mcp-events/protocol";
import type { ProcessClock } from "../kernel/process-clock";
import type { World } from "../kernel/world";
import type { Line } from "../oracle/line";

/** A client machine's store of positions: it outlives the processes, unless it is lost. */
export class PositionShelf {
  readonly stored = new Map<string, StoredPosition>();
  /** Writes under way now. */
  writing = 0;
}

type Taken = ReturnType<Line["takePending"]>;

/** What one process has of its machine's positions; an effect is made lasting together with its position. */
export function simPositions(
  world: World,
  shelf: PositionShelf,
  clock: ProcessClock,
  slow: boolean,
  lineOf: (key: string) => Line,
): PositionStore {
  const never = () => new Promise<never>(() => {});
  const failed = () => new EventsError("position_store_failed", "not stored", { retryable: true });
  const write = (key: string, position: StoredPosition, line: Line, taken: Taken) => {
    if (world.strikes("positionNotStored", "position not stored")) {
      taken.putBack();
      throw failed();
    }
    shelf.stored.set(key, structuredClone(position));
    world.tell(
      () =>
        `${line.parts.title} stored ${position.state?.through}+${JSON.stringify(position.state?.ahead ?? [])}`,
    );
    line.stored(position, taken.effects);
  };
  const writeLater = async (key: string, position: StoredPosition, line: Line, taken: Taken) => {
    shelf.writing += 1;
    await clock.sleep(world.random.between(1, 10));
    try {
      write(key, position, line, taken);
      await clock.sleep(world.random.between(1, 10));
    } finally {
      shelf.writing -= 1;
    }
  };
  return {
    get: (key) => (clock.alive ? shelf.stored.get(key) : never()),
    set(key, position) {
      if (!clock.alive) return never();
      const line = lineOf(key);
      const own = structuredClone(position);
      const kept = world.control?.position?.(own) ?? own;
      if (slow) return writeLater(key, kept, line, line.takePending());
      return write(key, kept, line, line.takePending());
    },
    delete: (key) => void shelf.stored.delete(key),
  };
}
