import type { JsonObject } from "@mcp-events/protocol";
import { readOrderingMark } from "@mcp-events/protocol";
import type { Delivery } from "./driver";

/**
 * Looks after what a webhook delivered ahead of something missing (ORDERING rule 19): at the end of the hold time it is
 * refused, so that the sender sends it again after what lies before it. What the sender holds for settled never comes
 * again by itself: that is asked for.
 */
export class HoleWatch {
  #cancel: () => void = () => {};
  /** The sender settled up to here, and we have not. */
  #settled: { readonly log: string; readonly epoch: number; readonly through: number } | undefined;
  #refused: { readonly hole: string; readonly times: number } = { hole: "", times: 0 };
  #recovering = false;
  #stopped = false;

  /**
   * @param fifo - The sender posts nothing before what lies before it is settled.
   * @param recover - Asks the server for what is missing, or gives it up; its failure is the caller's to handle.
   */
  constructor(
    private readonly delivery: Delivery,
    private readonly fifo: boolean,
    private readonly recover: () => Promise<void>,
  ) {}

  /** Takes note of a delivery that was held. */
  held(body: JsonObject): void {
    const { log, epoch, settled = 0 } = readOrderingMark(body._meta) ?? {};
    if (log === undefined || epoch === undefined) return;
    const known = this.#settled;
    const same = known?.log === log && known.epoch === epoch;
    this.#settled = { log, epoch, through: Math.max(settled, same ? known.through : 0) };
  }

  /** Looks whether something is missing, and waits until its hold time is over. */
  look(): void {
    this.#cancel();
    const { missing } = this.delivery.intake.consumer;
    if (missing === undefined || this.#recovering || this.#stopped) return;
    const wait = missing.due - this.delivery.settings.clock.now();
    if (wait <= 0) this.#due(missing.until);
    else this.#cancel = this.delivery.settings.clock.after(wait, () => this.#due(missing.until));
  }

  /** Looks no more. */
  stop(): void {
    this.#stopped = true;
    this.#cancel();
  }

  #due(until: number): void {
    if (this.fifo || this.#isBehind || this.#isOldHole(until)) {
      void this.#recover();
      return;
    }
    this.delivery.intake.consumer.refuseHeld();
    this.look();
  }

  async #recover(): Promise<void> {
    this.#recovering = true;
    try {
      await this.recover();
    } finally {
      this.#recovering = false;
    }
    this.look();
  }

  get #isBehind(): boolean {
    const at = this.delivery.intake.consumer.released;
    const settled = this.#settled;
    return (
      at !== undefined && at.log === settled?.log && at.epoch === settled.epoch && at.seq < settled.through
    );
  }

  /** Whether waiting was no use, time and again. */
  #isOldHole(until: number): boolean {
    const hole = JSON.stringify([this.delivery.intake.consumer.released, until]);
    const times = hole === this.#refused.hole ? this.#refused.times + 1 : 0;
    this.#refused = { hole, times };
    return times >= this.delivery.settings.recoveryAttempts;
  }
}
