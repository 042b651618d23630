import type { Clock, Logger } from "@mcp-events/protocol";
import { withTimeout } from "../with-timeout";
import type { Leases } from "./leases";
import type { LivingSubscription } from "./living";
import { forbidden, isAllowed, type Subscription } from "./subscription";

const AT_ONCE = 16;

/**
 * Asks again whether living subscriptions are allowed (AUTH-2), a few at a time. Only a "no" ends one: when
 * `authorize` throws or
 * hangs, the answer before holds until the next time.
 */
export class Reauthorizer {
  readonly #asking = new Map<LivingSubscription, Promise<void>>();
  readonly #waiting: (() => Promise<void>)[] = [];
  #working = 0;

  constructor(
    private readonly clock: Clock,
    private readonly logger: Logger,
    /** How long one answer may take, in milliseconds. */
    private readonly timeoutMs: number,
    /** Ends one that is allowed, if nothing will come any more. */
    private readonly endIfFinished: (living: LivingSubscription) => Promise<void>,
  ) {}

  /** Asks about one subscription, unless it is being asked about already. */
  askPeriodically(living: LivingSubscription): void {
    if (this.#asking.has(living)) return;
    const asking = this.#enqueue(() => this.#askLiving(living)).finally(() => this.#asking.delete(living));
    this.#asking.set(living, asking);
  }

  /** Asks about all livings, webhook subscriptions and leases now. */
  async askAll(living: Iterable<LivingSubscription>, leases: Leases): Promise<void> {
    const questions = [...living].map((one) => this.#enqueue(() => this.#askLiving(one)));
    for (const { subscription } of leases.all()) {
      const ask = async () => {
        if (await this.#isForbidden(subscription)) leases.dropEqual(subscription);
      };
      questions.push(this.#enqueue(ask));
    }
    await Promise.all(questions);
  }

  async #askLiving(living: LivingSubscription): Promise<void> {
    if (living.gone.aborted) return;
    if (await this.#isForbidden(living.subscription)) living.end({ error: forbidden(living.subscription) });
    else if (living.begun && living.subscription.type.options.isFinished !== undefined) {
      await this.#askFinished(living);
    }
  }

  async #askFinished(living: LivingSubscription): Promise<void> {
    const { clock, timeoutMs } = this;
    try {
      await withTimeout(clock, timeoutMs, "isFinished", living.gone, () => this.endIfFinished(living));
    } catch (error) {
      this.logger.warn("isFinished was not answered; asked again later", { error });
    }
  }

  #enqueue(ask: () => Promise<void>): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push(() => ask().then(resolve));
      if (this.#working < AT_ONCE) void this.#work();
    });
  }

  async #work(): Promise<void> {
    this.#working += 1;
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) await next();
    this.#working -= 1;
  }

  async #isForbidden(subscription: Subscription): Promise<boolean> {
    try {
      const { clock, timeoutMs } = this;
      return !(await withTimeout(clock, timeoutMs, "authorize", undefined, () => isAllowed(subscription)));
    } catch (error) {
      this.logger.warn("authorize threw; asked again later", { name: subscription.type.name, error });
      return false;
    }
  }
}
