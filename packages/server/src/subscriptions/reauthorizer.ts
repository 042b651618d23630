import type { Logger } from "@mcp-events/protocol";
import type { PushStream } from "../push/push-stream";
import type { Leases } from "./leases";
import { forbidden, isAllowed, type Subscription } from "./subscription";

const AT_ONCE = 16;

/**
 * Asks again whether living subscriptions are allowed (AUTH-2). Only a "no" ends one: when `authorize` throws, the
 * answer before holds until the next time.
 */
export class Reauthorizer {
  constructor(private readonly logger: Logger) {}

  /** Asks about one stream. */
  async ask(stream: PushStream): Promise<void> {
    if (!(await this.#isForbidden(stream.subscription))) return;
    stream.end({ error: forbidden(stream.subscription) });
  }

  /** Asks about all streams and leases now. */
  async askAll(streams: ReadonlySet<PushStream>, leases: Leases): Promise<void> {
    const questions = [
      ...[...streams].map((stream) => () => this.ask(stream)),
      ...leases.all().map(({ subscription }) => async () => {
        if (await this.#isForbidden(subscription)) leases.dropEqual(subscription);
      }),
    ];
    const workers = Array.from({ length: AT_ONCE }, async () => {
      for (let next = questions.pop(); next !== undefined; next = questions.pop()) await next();
    });
    await Promise.all(workers);
  }

  async #isForbidden(subscription: Subscription): Promise<boolean> {
    try {
      return !(await isAllowed(subscription));
    } catch (error) {
      this.logger.warn("authorize threw; asked again later", { name: subscription.type.name, error });
      return false;
    }
  }
}
