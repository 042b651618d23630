import type { Clock } from "@mcp-events/protocol";

/** Fires once when nothing was heard for `silenceMs` while it watched (PUSH-9). */
export class Watchdog {
  #cancel: (() => void) | undefined;
  #fired = false;

  constructor(
    private readonly clock: Clock,
    readonly silenceMs: number,
    private readonly onSilence: () => void,
  ) {}

  get fired(): boolean {
    return this.#fired;
  }

  /** Watches from now on. */
  watch(): void {
    this.rest();
    if (this.#fired) return;
    this.#cancel = this.clock.after(this.silenceMs, () => {
      this.#fired = true;
      this.onSilence();
    });
  }

  /** Does not watch: while the reader is busy, silence says nothing about the stream. */
  rest(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }
}
