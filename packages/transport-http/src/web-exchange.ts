import type { Exchange, ResponseFilter, Watch } from "./exchange";
import { Watches } from "./watches";

/** Bytes handed to the platform and not yet taken by it, from which on writers wait. */
const HIGH_WATER_MARK = 64 * 1024;

type Bytes = Uint8Array<ArrayBuffer>;

/**
 * An exchange of a web-standard handler. The body of an SSE response is wrapped in one with a high-water mark: what the
 * platform has taken is known, and texts can be written between the SDK's chunks.
 */
export class WebExchange implements Exchange {
  readonly #gone = new AbortController();
  readonly #watches = new Watches(this.#gone.signal, () => this.drained());
  readonly #encoder = new TextEncoder();
  readonly #decoder = new TextDecoder();
  #filter: ResponseFilter | undefined;
  #controller: ReadableStreamDefaultController<Bytes> | undefined;
  #waiting: (() => void)[] = [];

  get gone(): AbortSignal {
    return this.#gone.signal;
  }

  /** The response to hand to the platform; one that is not SSE stays as it is. */
  attach(response: Response): Response {
    const { body, status, statusText, headers } = response;
    if (body === null || headers.get("content-type")?.startsWith("text/event-stream") !== true) {
      return response;
    }
    const reader: ReadableStreamDefaultReader<Bytes> = body.getReader();
    const wrapped = new ReadableStream<Bytes>(
      {
        start: (controller) => {
          this.#controller = controller;
          void this.#pump(reader, controller);
        },
        pull: () => this.#wake(),
        cancel: async (reason) => {
          this.#over();
          await reader.cancel(reason).catch(() => {});
        },
      },
      { highWaterMark: HIGH_WATER_MARK, size: (chunk) => chunk?.byteLength ?? 0 },
    );
    return new Response(wrapped, { status, statusText, headers });
  }

  watch(text: string): Watch {
    return this.#watches.add(text);
  }

  write(text: string): void {
    if (!this.#gone.signal.aborted) this.#controller?.enqueue(this.#encoder.encode(text));
  }

  async drained(): Promise<void> {
    while (!this.#gone.signal.aborted && (this.#controller?.desiredSize ?? 1) <= 0) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  filter(filter: ResponseFilter): void {
    this.#filter = filter;
  }

  end(): void {
    if (this.#gone.signal.aborted) return;
    this.#over();
    this.#controller?.close();
  }

  /** Carries the SDK's chunks over, as fast as the platform takes them. */
  async #pump(
    reader: ReadableStreamDefaultReader<Bytes>,
    controller: ReadableStreamDefaultController<Bytes>,
  ): Promise<void> {
    try {
      for (;;) {
        await this.drained();
        const { done, value } = await reader.read();
        if (this.#gone.signal.aborted) return;
        if (done) break;
        this.#carry(value, controller);
      }
      if (this.#filter?.holdsOpen() !== true) this.end();
    } catch (error) {
      if (this.#gone.signal.aborted) return;
      this.#over();
      controller.error(error);
    }
  }

  #carry(chunk: Bytes, controller: ReadableStreamDefaultController<Bytes>): void {
    this.#watches.show(() => this.#decoder.decode(chunk));
    const text = this.#filter?.chunk(this.#decoder.decode(chunk));
    if (text === undefined) controller.enqueue(chunk);
    else if (text !== "") controller.enqueue(this.#encoder.encode(text));
  }

  #over(): void {
    this.#gone.abort();
    this.#wake();
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }
}
