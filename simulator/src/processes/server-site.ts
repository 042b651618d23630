import { type MemoryStore, memoryStore } from "@mcp-events/ordering";
import { EventsError } from "@mcp-events/protocol";
import { ProcessClock, type Skew } from "../kernel/process-clock";
import type { ServerAddress } from "../network/connection";
import type { EmitOrder } from "../oracle/emit-order";
import type { EmitPlan } from "../plan";
import { type ServerParts, ServerProcess } from "./server-process";

/** Wait before an event is emitted again whose fate is unknown, in milliseconds. */
const AGAIN_MS = 60;

/** Where the server lives: one process after the other, on one store or on a new one each. */
export class ServerSite implements ServerAddress {
  readonly skew: Skew;
  #base: MemoryStore;
  #process: ServerProcess | undefined;
  /** Called when a process ends. */
  readonly onCrash: (() => void)[] = [];
  #emitted = 0;
  /** Events that are being emitted again. */
  #again = 0;

  constructor(
    private readonly parts: Omit<ServerParts, "skew">,
    private readonly order: EmitOrder,
  ) {
    this.skew = { ms: 0 };
    this.#base = this.#newStore();
    this.start();
  }

  get listening(): ServerProcess | undefined {
    return this.#process;
  }

  start(): void {
    this.#process ??= new ServerProcess({ ...this.parts, skew: this.skew }, this.#base);
    this.parts.world.tell(() => "server starts");
  }

  /** The process is killed; another one starts `ms` later. */
  crash(ms: number): void {
    const { world, plan } = this.parts;
    if (this.#process === undefined) return;
    world.fault(plan.durable ? "server crashed, log kept" : "server crashed, log in memory");
    this.#process.kill();
    this.#process = undefined;
    if (!plan.durable) this.#base = this.#newStore();
    for (const told of this.onCrash) told();
    world.loop.after(ms, () => this.start());
  }

  /** Another process takes over; the one before goes on for `ms` without knowing. */
  handOver(ms: number): void {
    const { world } = this.parts;
    const before = this.#process;
    if (before === undefined) return;
    world.fault("owner handed over");
    this.#process = undefined;
    this.start();
    world.loop.after(ms, () => {
      world.tell(() => "the owner before ends");
      before.kill();
    });
  }

  /** Retention takes everything so far; not what is looked up to be emitted again, whose id it would forget. */
  truncate(): void {
    const { world, record } = this.parts;
    if (this.#again > 0) return;
    world.fault("retention took events", () => `up to ${record.head}`);
    record.truncated();
    void this.#base.open("events").truncate();
  }

  /** An event happens. */
  emit(plan: EmitPlan): void {
    this.#emitted += 1;
    void this.#emit(this.#emitted, plan, this.#process);
  }

  async #emit(n: number, plan: EmitPlan, process: ServerProcess | undefined): Promise<void> {
    if (process === undefined) return;
    const { world } = this.parts;
    const told = this.order.called(n);
    try {
      await process.emit(n, plan);
      told();
    } catch (error) {
      if (!EventsError.is(error) || !error.retryable) throw error;
      await process.clock.sleep(AGAIN_MS);
      // An id is known for as long as its entry is kept: who emits again looks the outcome up first.
      if (this.parts.record.isTruncated(n)) return;
      world.tell(() => `event ${n} is emitted again`);
      this.#again += 1;
      await this.#emit(n, plan, process).finally(() => {
        this.#again -= 1;
      });
    }
  }

  #newStore(): MemoryStore {
    const { world, record } = this.parts;
    const clock = new ProcessClock(world.loop, this.skew);
    const store = memoryStore({ clock, random: world.random.next });
    record.begin(store.open("events").head().epoch);
    return store;
  }
}
