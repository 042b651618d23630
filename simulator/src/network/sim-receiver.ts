import {
  type CallbackOptions,
  type ClientTransport,
  EventsError,
  type JsonObject,
  type ResequenceOffer,
  type WebhookCallback,
  type WebhookReceiver,
} from "@mcp-events/protocol";
import type { ProcessClock } from "../kernel/process-clock";
import type { Link } from "./link";
import type { Endpoint, Web } from "./web";

/** How long a delivery may wait for its outcome before it is answered 503, in milliseconds. */
const TAKE_MS = 350;
/** How long a replaced secret is accepted, in milliseconds. */
const GRACE_MS = 1_000;

/** What a receiver is made of. */
export interface ReceiverParts {
  readonly host: string;
  readonly link: Link;
  readonly clock: ProcessClock;
  readonly resequence: ResequenceOffer | undefined;
  readonly ttlMs: number;
  /** Sees what is answered 2xx. */
  readonly onAccepted: (body: JsonObject) => void;
}

/** One subscription's callback. */
class SimCallback implements WebhookCallback {
  readonly url: string;
  #secrets: { readonly secret: string; until: number }[] = [];
  #isClosed = false;

  constructor(
    private readonly parts: ReceiverParts,
    private readonly options: CallbackOptions,
    private readonly onClose: () => void,
  ) {
    this.url = urlOf(parts.host, options.key);
    this.rotate();
  }

  get secret(): string {
    return this.#secrets.at(-1)!.secret;
  }

  rotate(): string {
    const secret = `whsec_${btoa(`secret ${this.parts.link.world.number()}`.padEnd(32, "."))}`;
    this.#secrets.push({ secret, until: Number.POSITIVE_INFINITY });
    return secret;
  }

  settle(): void {
    const until = this.parts.clock.now() + GRACE_MS;
    for (const one of this.#secrets.slice(0, -1)) one.until = Math.min(one.until, until);
  }

  close(): void {
    this.#isClosed = true;
    this.onClose();
  }

  async receive(body: JsonObject, signed: readonly string[]): Promise<number> {
    const now = this.parts.clock.now();
    const isSigned = this.#secrets.some(({ secret, until }) => until > now && signed.includes(secret));
    if (!isSigned) return 401;
    if (this.#isClosed) return 410;
    if (body.type === "verification") return 200;
    const late = this.parts.clock.sleep(TAKE_MS).then(() => "retry" as const);
    const { control } = this.parts.link.world;
    const take = control?.take?.(this.options.take) ?? this.options.take;
    const outcome = await Promise.race([take(body), late]);
    if (outcome === "accepted") this.parts.onAccepted(body);
    return outcome === "accepted" ? 200 : 503;
  }
}

const urlOf = (host: string, key: string) => `https://${host}/${encodeURIComponent(key)}`;

/** The receiver of one client process, and the transport that has it. */
export class SimReceiver implements WebhookReceiver, ClientTransport, Endpoint {
  readonly name = "simulated-webhook";
  readonly webhookReceiver = this;
  readonly link: Link;
  readonly resequence: ResequenceOffer | undefined;
  readonly ttlMs: number;
  readonly #open = new Map<string, SimCallback>();

  constructor(private readonly parts: ReceiverParts) {
    this.link = parts.link;
    this.resequence = parts.resequence;
    this.ttlMs = parts.ttlMs;
  }

  /** Receives from now on; the returned function stops it. */
  listen(web: Web): () => void {
    return web.listen(this.parts.host, this);
  }

  connect(): undefined {
    return undefined;
  }

  async open(options: CallbackOptions): Promise<WebhookCallback> {
    if (this.#open.has(options.key)) throw new EventsError("option_invalid", "key: is in use");
    const callback = new SimCallback(this.parts, options, () => void this.#open.delete(options.key));
    this.#open.set(options.key, callback);
    return callback;
  }

  receive(url: string, body: JsonObject, signed: readonly string[]): Promise<number | undefined> {
    const callback = [...this.#open.values()].find((one) => one.url === url);
    if (callback === undefined) return Promise.resolve(404);
    return callback.receive(body, signed);
  }
}
