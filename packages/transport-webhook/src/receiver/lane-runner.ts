import type { Release, Resequencer } from "@mcp-events/ordering";
import type { Guarantee, Occurrence } from "@mcp-events/protocol";
import { laneOf } from "./lane-of";

type Handed = Release<Occurrence>;

/**
 * Takes what a consumer releases to a handler: one after the other in a lane, lanes beside each other. A gap goes alone:
 * what was released before it comes first, and what follows waits for it.
 */
export class LaneRunner {
  /** What was taken and is not done; the first of each is with the handler. */
  readonly #lanes = new Map<string, Handed[]>();
  #alone = false;
  #idle: (() => void)[] = [];

  constructor(
    private readonly consumer: Resequencer<Occurrence>,
    private readonly guarantee: Guarantee,
    /** Whether the handler is done with it; never rejects. */
    private readonly handle: (release: Handed) => Promise<boolean>,
    /** Called after each release that was committed or failed. */
    private readonly onProgress: () => void,
  ) {}

  /** Starts whatever can start now. */
  pump(): void {
    for (let next = this.consumer.peek(); next !== undefined && !this.#alone; next = this.consumer.peek()) {
      const isBarrier = next.kind === "gap";
      if (isBarrier && this.#lanes.size > 0) return;
      const lane = next.kind === "event" && this.guarantee === "key" ? laneOf(next.item) : "";
      const queue = this.#lanes.get(lane);
      // In one line nothing is taken ahead: what is not taken is what a failure leaves to no one.
      if (queue !== undefined && this.guarantee === "subscription") return;
      this.consumer.take();
      this.#alone = isBarrier;
      if (queue !== undefined) queue.push(next);
      else {
        const fresh = [next];
        this.#lanes.set(lane, fresh);
        void this.#run(lane, fresh);
      }
    }
  }

  /** Resolves when nothing is with the handler. */
  async idle(): Promise<void> {
    if (this.#lanes.size === 0) return;
    await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  async #run(lane: string, queue: Handed[]): Promise<void> {
    for (let release = queue[0]; release !== undefined; release = queue[0]) {
      if (await this.handle(release)) {
        queue.shift();
        this.consumer.commit(release);
      } else {
        queue.length = 0;
        this.consumer.fail(release);
      }
      this.onProgress();
    }
    this.#lanes.delete(lane);
    this.#alone = false;
    this.pump();
    if (this.#lanes.size === 0) for (const resolve of this.#idle.splice(0)) resolve();
  }
}
