import type { World } from "../kernel/world";
import type { LogRecord } from "./log-record";

interface Emit {
  calls: number;
  readonly order: number;
}

/** Whether the log has events in the order in which `emit` was called (ORD-8), and each only once (rule 2). */
export class EmitOrder {
  readonly #emits = new Map<number, Emit>();
  readonly #resolved = new Set<number>();
  #order = 0;

  /** `emit` was called; the returned function says that it resolved. */
  called(n: number): () => void {
    const known = this.#emits.get(n);
    if (known === undefined) this.#emits.set(n, { calls: 1, order: this.#order++ });
    else known.calls += 1;
    return () => this.#resolved.add(n);
  }

  finish(world: World, { entries, epochs, twice }: LogRecord): void {
    for (const epoch of epochs) {
      let last = -1;
      for (const { n, epoch: of } of entries) {
        const emit = this.#emits.get(n);
        if (of !== epoch || emit === undefined || emit.calls > 1) continue;
        if (emit.order < last)
          world.violate(`ORD-8: event ${n} was emitted before others and appended after them`);
        last = Math.max(last, emit.order);
      }
    }
    const appended = new Set(entries.map(({ n }) => n));
    for (const n of twice) world.violate(`rule 2: event ${n} was appended twice`);
    for (const n of this.#resolved) {
      if (!appended.has(n)) world.violate(`ORD-7: event ${n} was acknowledged to the emitter and is lost`);
    }
  }
}
