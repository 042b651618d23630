import {
  type Message,
  notificationJson,
  type StreamChannel,
  type StreamRequest,
  Turns,
  textBatches,
} from "@mcp-events/protocol";
import type { Exchange } from "./exchange";

/** A message as both SDK lines frame it. */
export function sseFrame(json: string): string {
  return `event: message\ndata: ${json}\n\n`;
}

/**
 * The channel of one SSE response. The first message goes through the SDK, which sends the headers; once that message
 * was seen to leave, the following are framed here and written to the response itself, many at a time. Everything else
 * of the exchange (keepalives, the final result) still comes from the SDK, in whole chunks, so the two never mix within
 * a frame, and the SDK has nothing left to write before the result.
 */
export class SseChannel implements StreamChannel {
  readonly #turns = new Turns();
  #direct = false;

  constructor(
    private readonly request: StreamRequest,
    private readonly exchange: Exchange,
    /** Whether messages may pass the SDK by: not when it keeps them for resumption. */
    private readonly mayBypass: boolean,
  ) {}

  get signal(): AbortSignal {
    return this.request.signal;
  }

  async write(messages: readonly Message[]): Promise<void> {
    let rest = messages;
    while (!this.#direct && rest.length > 0) {
      if (this.signal.aborted) return;
      // While the first is out alone, its way through tells whether the rest may go past the SDK.
      const part = this.mayBypass ? rest.slice(0, 1) : rest.slice(0, 16);
      const seen = await this.#throughSdk(part);
      this.#direct = this.mayBypass && seen;
      rest = rest.slice(part.length);
    }
    for (const text of textBatches(rest, (message) => sseFrame(notificationJson(message)))) {
      await this.exchange.drained();
      if (this.signal.aborted) return;
      this.exchange.write(text);
      await this.exchange.drained();
    }
    await this.#turns.wrote(messages.length);
  }

  release(): void {}

  /** Writes by the SDK and waits until the last message left its queue, which has no bound of its own. */
  async #throughSdk(messages: readonly Message[]): Promise<boolean> {
    const last = messages.at(-1);
    if (last === undefined) return false;
    const watch = this.exchange.watch(JSON.stringify(last.params));
    for (const message of messages) await this.request.notify(message);
    const seen = await watch.seen();
    await this.exchange.drained();
    return seen;
  }
}
