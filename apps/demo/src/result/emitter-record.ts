import type { Emitted as EmitResult } from "@mcp-events/server";
import { appendLine, digestOf, type Emitted, preciseNow } from "./record";

/** Writes down what is emitted, in the order of the calls, whatever the log makes of it. */
export class EmitterRecord {
  #calls = 0;

  constructor(private readonly file: string) {}

  /**
   * Calls `emit`, and writes the event down once it is in the log. A redelivery, which the log recognises by its id, is
   * no event and is not written down.
   */
  async emit(name: string, payload: object, emit: () => Promise<EmitResult>): Promise<void> {
    const emittedAt = preciseNow();
    const call = this.#calls;
    this.#calls += 1;
    const { eventId, epoch, seq, duplicate } = await emit();
    if (duplicate) return;
    const digest = digestOf(JSON.stringify(payload));
    appendLine(this.file, { call, eventId, name, epoch, seq, digest, emittedAt } satisfies Emitted);
  }
}
