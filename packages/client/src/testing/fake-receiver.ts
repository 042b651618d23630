import {
  type CallbackOptions,
  type ClientTransport,
  type DeliveryOutcome,
  EventsError,
  type JsonObject,
  type ResequenceOffer,
  type WebhookCallback,
  type WebhookReceiver,
} from "@mcp-events/protocol";

/** One callback as a test's sender sees it. */
export class FakeCallback implements WebhookCallback {
  readonly url: string;
  readonly secrets: string[] = ["whsec_1"];
  readonly settled: string[] = [];
  readonly outcomes: (DeliveryOutcome | "unanswered")[] = [];
  closed = false;

  constructor(
    readonly options: CallbackOptions,
    private readonly onClose: () => void,
  ) {
    this.url = `https://hooks.example/${encodeURIComponent(options.key)}`;
  }

  get secret(): string {
    return this.secrets.at(-1) as string;
  }

  rotate(): string {
    this.secrets.push(`whsec_${this.secrets.length + 1}`);
    return this.secret;
  }

  settle(subscriptionId: string): void {
    this.settled.push(subscriptionId);
  }

  close(): void {
    this.closed = true;
    this.onClose();
  }

  /** Posts a body; its outcome stands in {@link outcomes}, in the order of the posts. */
  post(body: JsonObject): Promise<DeliveryOutcome> {
    const at = this.outcomes.push("unanswered") - 1;
    const outcome = this.options.take(body);
    void outcome.then((given) => {
      this.outcomes[at] = given;
    });
    return outcome;
  }
}

/** A {@link WebhookReceiver} whose sender is the test; also the transport that has it. */
export class FakeReceiver implements WebhookReceiver, ClientTransport {
  readonly name = "fake-webhook";
  readonly webhookReceiver = this;
  readonly callbacks: FakeCallback[] = [];
  readonly #open = new Map<string, FakeCallback>();
  readonly resequence: ResequenceOffer | undefined;
  readonly ttlMs: number | null | undefined;

  constructor(options: { resequence?: ResequenceOffer | undefined; ttlMs?: number | null | undefined } = {}) {
    this.resequence = options.resequence;
    this.ttlMs = options.ttlMs;
  }

  connect(): undefined {
    return undefined;
  }

  /** The callback that was opened last. */
  get callback(): FakeCallback {
    const callback = this.callbacks.at(-1);
    if (callback === undefined) throw new Error("no callback was opened");
    return callback;
  }

  /** The open callback of a URL. */
  at(url: string): FakeCallback | undefined {
    return [...this.#open.values()].find((callback) => callback.url === url);
  }

  get openCallbacks(): number {
    return this.#open.size;
  }

  async open(options: CallbackOptions): Promise<WebhookCallback> {
    if (this.#open.has(options.key)) throw new EventsError("option_invalid", "key: is in use");
    const callback = new FakeCallback(options, () => void this.#open.delete(options.key));
    this.#open.set(options.key, callback);
    this.callbacks.push(callback);
    return callback;
  }
}
