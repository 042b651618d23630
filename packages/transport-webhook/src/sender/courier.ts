import { type Clock, WEBHOOK_HEADERS, type WebhookMessage, type WebhookTarget } from "@mcp-events/protocol";
import { Attempt, type AttemptMeans, type AttemptOutcome, type AttemptRequest, CANCELLED } from "./attempt";
import type { CallbackUrl } from "./callback-url";
import { Cancellations } from "./cancellations";
import type { Identity } from "./identity";
import { Place, type Places } from "./places";
import { Signer } from "./sign";

/** What can stand in a header and is the same text for both sides. */
const HEADER_TEXT = /^[\x21-\x7e]+$/;

/** What attempts of one purpose share, so that others do not hold them up. */
export interface Lane {
  readonly places: Places;
  readonly means: AttemptMeans;
}

/** Makes attempts: at most as many at once as there are places, each signed as it leaves. */
export class Courier {
  readonly #signer = new Signer();
  readonly #cancellations = new Cancellations();
  readonly #open = new Set<() => void>();
  #closed = false;

  constructor(
    private readonly clock: Clock,
    private readonly identity: Identity,
    private readonly userAgent: string,
  ) {}

  /**
   * Waits for a place, then makes one attempt. Never rejects.
   *
   * @param make - Called once, when the addresses are known.
   * @param keepBytes - Largest body to hand back; 0: none.
   */
  run(
    { places, means }: Lane,
    url: CallbackUrl,
    make: () => AttemptRequest,
    keepBytes: number,
    signal: AbortSignal,
  ): Promise<AttemptOutcome> {
    if (this.#closed || signal.aborted) return Promise.resolve(CANCELLED);
    return new Promise((resolve) => {
      const attempt = new Attempt(means, url, make, keepBytes, (outcome) => {
        this.#cancellations.delete(signal, cancel);
        this.#open.delete(cancel);
        resolve(outcome);
        places.leave(place);
      });
      const place = new Place(url.hostname, () => attempt.begin());
      const cancel = () => attempt.end(CANCELLED);
      this.#cancellations.add(signal, cancel);
      this.#open.add(cancel);
      places.enter(place);
    });
  }

  /**
   * A signed POST; timestamp and signature are those of this moment (HOOK-9).
   *
   * @throws Error when the id cannot stand in a header; EventsError `option_invalid` when a secret is malformed.
   */
  signed(url: CallbackUrl, target: WebhookTarget, message: WebhookMessage): AttemptRequest {
    if (!HEADER_TEXT.test(message.id)) throw new Error("a webhook-id must be printable ASCII without spaces");
    const body = Buffer.from(message.body);
    const timestamp = Math.floor(this.clock.now() / 1_000);
    const signable = { id: message.id, timestamp, body };
    const headers = [
      "content-type",
      "application/json",
      "user-agent",
      this.userAgent,
      WEBHOOK_HEADERS.id,
      message.id,
      WEBHOOK_HEADERS.timestamp,
      String(timestamp),
      WEBHOOK_HEADERS.signature,
      this.#signer.sign(signable, target.secrets, this.identity.signing),
      WEBHOOK_HEADERS.subscriptionId,
      target.subscriptionId,
    ];
    return { method: "POST", path: url.path, headers, body };
  }

  /** A GET of a document at the URL's origin. */
  fetches(path: string): AttemptRequest {
    return {
      method: "GET",
      path,
      headers: ["accept", "application/json", "user-agent", this.userAgent],
      body: null,
    };
  }

  /** Cuts off what is under way or waits, and begins nothing any more. */
  close(): void {
    this.#closed = true;
    for (const cancel of [...this.#open]) cancel();
  }
}
