import type { IncomingHttpHeaders } from "node:http";
import type { Clock, DeliveryError } from "@mcp-events/protocol";
import type { Dispatcher } from "undici";
import type { CallbackUrl } from "./callback-url";
import { deliveryError } from "./delivery-error";
import type { Guard } from "./guard";
import type { PinnedPool, Pools } from "./pools";

/** What an attempt sends. */
export interface AttemptRequest {
  readonly method: "POST" | "GET";
  /** Path and query. */
  readonly path: string;
  /** Names and values in turn. */
  readonly headers: string[];
  readonly body: Buffer | null;
}

/** What became of it. `body` is there when it was asked for, came whole and was no larger than that. */
export type AttemptOutcome =
  | {
      readonly kind: "answered";
      readonly status: number;
      readonly headers: IncomingHttpHeaders;
      readonly body: string | undefined;
    }
  | { readonly kind: "failed"; readonly error: DeliveryError }
  | { readonly kind: "cancelled" };

/** What attempts have in common. */
export interface AttemptMeans {
  readonly guard: Guard;
  readonly pools: Pools;
  readonly clock: Clock;
  /** For all of one attempt: name, connection, headers and body. */
  readonly timeoutMs: number;
}

/** Bytes of an answer that are read and thrown away, so that the connection can be used again. */
const DISCARDED_BYTES = 64 * 1024;

export const CANCELLED: AttemptOutcome = { kind: "cancelled" };
const TIMEOUT: AttemptOutcome = { kind: "failed", error: "timeout" };

/**
 * One HTTP request to a checked address (HOOK-15), from the question for its name to the end of the answer. Redirects are
 * answers like any other. It goes on to the name's next address where no connection was made, as nothing has left then.
 */
export class Attempt implements Dispatcher.DispatchHandler {
  #addresses: readonly string[] = [];
  #tried = 0;
  #request: AttemptRequest | undefined;
  #pinned: PinnedPool | undefined;
  #controller: Dispatcher.DispatchController | undefined;
  #stopTimer: (() => void) | undefined;
  #status = 0;
  #headers: IncomingHttpHeaders = {};
  #bytes = 0;
  readonly #chunks: Buffer[] = [];
  #ended = false;

  /**
   * @param make - Called once, when the addresses are known.
   * @param keepBytes - Largest body to hand back; 0: none.
   * @param tell - Called once.
   */
  constructor(
    private readonly means: AttemptMeans,
    private readonly url: CallbackUrl,
    private readonly make: () => AttemptRequest,
    private readonly keepBytes: number,
    private readonly tell: (outcome: AttemptOutcome) => void,
  ) {}

  begin(): void {
    if (this.#ended) return;
    const { clock, guard, timeoutMs } = this.means;
    this.#stopTimer = clock.after(timeoutMs, () => this.#breakOff(TIMEOUT));
    const addresses = guard.addresses(this.url);
    if (!(addresses instanceof Promise)) this.#connect(addresses);
    else {
      addresses.then(
        (found) => this.#connect(found),
        (error) => this.#fail(error),
      );
    }
  }

  /** Ends it, whatever its state; a second call does nothing. */
  end(outcome: AttemptOutcome): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#stopTimer?.();
    this.#release();
    this.#controller?.abort(new Error("the attempt is over"));
    this.tell(outcome);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    if (this.#ended) controller.abort(new Error("the attempt is over"));
    else {
      this.#controller = controller;
      this.#pinned!.healthy = true;
    }
  }

  onResponseStart(_controller: unknown, status: number, headers: IncomingHttpHeaders): void {
    this.#status = status;
    this.#headers = headers;
  }

  onResponseData(_controller: unknown, chunk: Buffer): void {
    this.#bytes += chunk.length;
    if (this.#bytes > (this.keepBytes || DISCARDED_BYTES)) this.#answered(false);
    else if (this.keepBytes > 0) this.#chunks.push(chunk);
  }

  onResponseEnd(): void {
    this.#controller = undefined;
    this.#answered(true);
  }

  onResponseError(_controller: unknown, error: Error): void {
    if (this.#ended) return;
    const connected = this.#controller !== undefined;
    this.#controller = undefined;
    if (!connected) this.#pinned!.healthy = false;
    if (connected || this.#tried === this.#addresses.length) {
      this.#breakOff({ kind: "failed", error: deliveryError(error) });
    } else {
      this.#release();
      this.#dispatch();
    }
  }

  #connect(addresses: readonly string[]): void {
    if (this.#ended) return;
    this.#addresses = this.means.pools.inOrder(this.url.origin, addresses);
    try {
      this.#request = this.make();
    } catch (error) {
      this.#fail(error);
    }
    if (!this.#ended) this.#dispatch();
  }

  #dispatch(): void {
    this.#pinned = this.means.pools.use(this.url, this.#addresses[this.#tried]!);
    this.#tried += 1;
    this.#pinned.pool.dispatch(this.#request!, this);
  }

  #answered(whole: boolean): void {
    if (this.#ended) return;
    const body = whole && this.keepBytes > 0 ? Buffer.concat(this.#chunks).toString() : undefined;
    this.end({ kind: "answered", status: this.#status, headers: this.#headers, body });
  }

  /** The status says whether a delivery was accepted, however its body ends; a body that is asked for must come whole. */
  #breakOff(outcome: AttemptOutcome): void {
    if (this.#status >= 200 && this.keepBytes === 0) this.#answered(false);
    else this.end(outcome);
  }

  #fail(error: unknown): void {
    this.end({ kind: "failed", error: deliveryError(error) });
  }

  #release(): void {
    if (this.#pinned !== undefined) this.means.pools.release(this.#pinned);
    this.#pinned = undefined;
  }
}
