import type { CallbackOptions, DeliveryOutcome, JsonObject, WebhookCallback } from "@mcp-events/protocol";
import type { ReceiverSettings } from "./receiver-options";

/** Secrets of one callback that are accepted at most: a server that answers no refresh is not given new ones without end. */
const MAX_SECRETS = 8;

interface Accepted {
  readonly secret: string;
  /** The server answered a subscribe with it, or with a later one. */
  taken: boolean;
  /** In milliseconds; `undefined`: for now without end. */
  until: number | undefined;
}

/** One subscription's callback: its secrets, and the id the server gave it. */
export class Callback implements WebhookCallback {
  /** The newest first. */
  #secrets: Accepted[] = [];
  #subscriptionId: string | undefined;

  constructor(
    private readonly options: CallbackOptions,
    readonly url: string,
    private readonly settings: ReceiverSettings,
    private readonly onClose: (callback: Callback) => void,
  ) {
    this.rotate();
  }

  get key(): string {
    return this.options.key;
  }

  get secret(): string {
    return this.#secrets[0]!.secret;
  }

  /** The id the server answered with; `undefined` while it has not. */
  get subscriptionId(): string | undefined {
    return this.#subscriptionId;
  }

  rotate(): string {
    const secret = this.settings.newSecret();
    this.#secrets.unshift({ secret, taken: false, until: undefined });
    if (this.#secrets.length > MAX_SECRETS) this.#dropOne();
    return secret;
  }

  settle(subscriptionId: string): void {
    this.#subscriptionId = subscriptionId;
    const until = this.settings.clock.now() + this.settings.graceMs;
    for (const [index, one] of this.#secrets.entries()) {
      one.taken = true;
      if (index > 0) one.until ??= until;
    }
  }

  /** Secrets that may sign now (HOOK-4). */
  accepted(now: number): string[] {
    this.#secrets = this.#secrets.filter(({ until }) => until === undefined || now < until);
    return this.#secrets.map(({ secret }) => secret);
  }

  take(body: JsonObject): Promise<DeliveryOutcome> {
    return this.options.take(body);
  }

  close(): void {
    this.onClose(this);
  }

  /** Drops the oldest that the server is not known to use. */
  #dropOne(): void {
    const unused = this.#secrets.findLastIndex(({ taken, until }) => !taken || until !== undefined);
    this.#secrets.splice(unused, 1);
  }
}
