import type { DeliveryStatus, WebhookReceiver } from "@mcp-events/protocol";
import type { Delivery, DeliveryModeDriver } from "./driver";
import { WebhookRun } from "./webhook-run";

/** Delivery by `events/subscribe`: the server posts to a callback of the subscription's own (HOOK-1 to HOOK-18). */
export class WebhookDriver implements DeliveryModeDriver {
  readonly mode = "webhook";
  #run: WebhookRun | undefined;
  #status: DeliveryStatus | undefined;

  /** @param key - Names the callback; no other open one may have it. */
  constructor(
    private readonly receiver: WebhookReceiver,
    private readonly key: string,
  ) {}

  get deliveryStatus(): DeliveryStatus | undefined {
    return this.#status;
  }

  async run(delivery: Delivery, signal: AbortSignal): Promise<void> {
    const onStatus = (status: DeliveryStatus | undefined) => {
      this.#status = status;
    };
    const run = new WebhookRun(this.receiver, this.key, delivery, onStatus);
    this.#run = run;
    try {
      await run.deliver(signal);
    } finally {
      this.#run = undefined;
    }
  }

  refreshDue(now: number): Promise<void> {
    return this.#run?.refreshDue(now) ?? Promise.resolve();
  }
}
