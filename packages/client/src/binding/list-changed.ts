import { type Clock, sleep } from "@mcp-events/protocol";
import { isModern, type SdkClient } from "./sdk-client";

/** Wait before a `subscriptions/listen` that was cut is asked for again, in milliseconds: doubled up to the longest. */
const FIRST_RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 30_000;

/**
 * Keeps a `subscriptions/listen` with `eventsListChanged` open while somebody wants to know, on a connection of
 * 2026-07-28 (LIST-3); older revisions send the notification unasked. A server that ends the stream gracefully does
 * not honour it and is not asked again.
 */
export class ListChangedListen {
  #wanted: AbortController | undefined;

  constructor(
    private readonly client: SdkClient,
    private readonly clock: Clock,
    /** Called after a listen that had been cut is open again: what happened in between is unknown. */
    private readonly missed: () => void,
  ) {}

  /** Starts listening, once, when the connection is one that needs it. */
  start(): void {
    if (this.#wanted !== undefined || this.client.listen === undefined || !isModern(this.client)) return;
    this.#wanted = new AbortController();
    void this.#keep(this.#wanted.signal);
  }

  stop(): void {
    this.#wanted?.abort();
    this.#wanted = undefined;
  }

  async #keep(signal: AbortSignal): Promise<void> {
    let wait = FIRST_RETRY_MS;
    for (let first = true; !signal.aborted; first = false) {
      const outcome = await this.#listen(signal, () => {
        wait = FIRST_RETRY_MS;
        if (!first) this.missed();
      });
      if (outcome === "refused" || signal.aborted) return;
      await sleep(this.clock, wait, signal);
      wait = Math.min(wait * 2, LONGEST_RETRY_MS);
    }
  }

  /** One listen, to its end. */
  async #listen(signal: AbortSignal, opened: () => void): Promise<"cut" | "refused"> {
    const { client } = this;
    try {
      const listen = await client.listen?.({ eventsListChanged: true }, { signal });
      if (listen === undefined) return "refused";
      opened();
      return (await listen.closed) === "graceful" ? "refused" : "cut";
    } catch (error) {
      // An error response (a number) is the server's refusal; everything else may pass.
      return typeof (error as { code?: unknown }).code === "number" ? "refused" : "cut";
    }
  }
}
