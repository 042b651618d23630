import type { Clock } from "@mcp-events/protocol";

/** One timer for all subscriptions that end by themselves, set for the first of them. */
export class Expiry {
  #timer: { readonly at: number; readonly cancel: () => void } | undefined;

  constructor(
    private readonly clock: Clock,
    /** Removes what has expired; answers when the next one does, `null` when none will. */
    private readonly onDue: (now: number) => number | null,
  ) {}

  /** Notes that a subscription ends at `at`, in milliseconds since the epoch; `null`: never. */
  note(at: number | null): void {
    if (at === null || (this.#timer !== undefined && this.#timer.at <= at)) return;
    this.clear();
    const cancel = this.clock.after(Math.max(0, at - this.clock.now()), () => {
      this.#timer = undefined;
      this.note(this.onDue(this.clock.now()));
    });
    this.#timer = { at, cancel };
  }

  clear(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }
}
