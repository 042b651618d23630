import type { UpstreamAdvance } from "@mcp-events/ordering";
import { EventsError } from "@mcp-events/protocol";
import type { Connection } from "../connection";
import type { Follower } from "./follower";
import type { Batch } from "./kept";
import { type EncodedEntry, encodeBatch } from "./message";
import type { Verdict } from "./mirror";
import { Publisher } from "./publisher";
import type { LogNames } from "./stream";

/** Room for headers in a message. */
const MARGIN_BYTES = 4_096;

/** Writes this process's batches, one at a time, and learns what became of them. */
export class Writer {
  readonly #id = crypto.randomUUID().replaceAll("-", "");
  readonly #publisher: Publisher;
  #batch = 0;
  #verdict: { readonly batch: number; readonly resolve: (verdict: Verdict | undefined) => void } | undefined;

  constructor(
    private readonly connection: Connection,
    names: LogNames,
    private readonly follower: Follower,
  ) {
    this.#publisher = new Publisher(connection, names, this.#id);
  }

  /**
   * Stores a batch; resolves with the verdict on it.
   *
   * @throws EventsError `append_failed`; `payload_too_large` when an entry fits into no message.
   */
  async write(
    header: { readonly epoch: number; readonly seen: number; readonly repeats: boolean },
    entries: readonly EncodedEntry[],
    upstream: UpstreamAdvance | undefined,
  ): Promise<Verdict> {
    const { nc } = await this.connection.get();
    const maxBytes = (nc.info?.max_payload ?? 1024 * 1024) - MARGIN_BYTES;
    const largest = entries.reduce((most, { bytes }) => Math.max(most, bytes), 0);
    if (largest > maxBytes - MARGIN_BYTES) throw tooLarge(largest, maxBytes);
    this.#batch += 1;
    const batch = this.#batch;
    const judged = new Promise<Verdict | undefined>((resolve) => {
      this.#verdict = { batch, resolve };
    });
    const bodies = encodeBatch({ v: 1, writer: this.#id, batch, ...header }, entries, upstream, maxBytes);
    let last = 0;
    for (const [part, body] of bodies.entries()) {
      last = await this.#publisher.publish(`${this.#id}-${batch}-${part}`, body);
    }
    return this.#outcome(judged, last);
  }

  /** Notes what became of a batch. */
  judged(batch: Batch, verdict: Verdict | undefined): void {
    if (batch.writer === this.#id && batch.batch === this.#verdict?.batch) this.#verdict.resolve(verdict);
  }

  /** It is stored; what became of it is known once it was read back. */
  async #outcome(judged: Promise<Verdict | undefined>, last: number): Promise<Verdict> {
    const { clock, timeoutMs } = this.connection.options;
    const late = new Promise<undefined>((resolve) => {
      const cancel = clock.after(timeoutMs, () => resolve(undefined));
      void judged.then(cancel);
    });
    if (last <= this.follower.mirror.applied && (await Promise.race([judged, undefined])) === undefined) {
      this.follower.restart();
    }
    const verdict = await Promise.race([judged, late]);
    if (verdict !== undefined) return verdict;
    throw new EventsError(
      "append_failed",
      "append: the events are stored, but were not read back in time; the same eventIds can be given again",
      { retryable: true },
    );
  }
}

function tooLarge(bytes: number, maxBytes: number): EventsError {
  return new EventsError(
    "payload_too_large",
    `append: an entry of ${bytes} bytes, and the servers take messages of ${maxBytes} (max_payload)`,
  );
}
