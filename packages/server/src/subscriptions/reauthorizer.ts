import type { Clock, Logger } from "@mcp-events/protocol";
import type { PushStream } from "../push/push-stream";
import { withTimeout } from "../with-timeout";
import type { Leases } from "./leases";
import { forbidden, isAllowed, type Subscription } from "./subscription";

const AT_ONCE = 16;

/**
 * Asks again whether living subscriptions are allowed (AUTH-2), a few at a time. Only a "no" ends one: when
 * `authorize` throws or
 * hangs, the answer before holds until the next time.
 */
export class Reauthorizer {
  readonly #asking = new Map<PushStream, Promise<void>>();
  readonly #waiting: (() => Promise<void>)[] = [];
  #working = 0;

  constructor(
    private readonly clock: Clock,
    private readonly logger: Logger,
    /** How long one answer may take, in milliseconds. */
    private readonly timeoutMs: number,
  ) {}

  /** Asks about one stream, unless it is being asked about already. */
  askPeriodically(stream: PushStream): void {
    if (this.#asking.has(stream)) return;
    const asking = this.#enqueue(() => this.#askStream(stream)).finally(() => this.#asking.delete(stream));
    this.#asking.set(stream, asking);
  }

  /** Asks about all streams and leases now. */
  async askAll(streams: ReadonlySet<PushStream>, leases: Leases): Promise<void> {
    const questions = [...streams].map((stream) => this.#enqueue(() => this.#askStream(stream)));
    for (const { subscription } of leases.all()) {
      const ask = async () => {
        if (await this.#isForbidden(subscription)) leases.dropEqual(subscription);
      };
      questions.push(this.#enqueue(ask));
    }
    await Promise.all(questions);
  }

  async #askStream(stream: PushStream): Promise<void> {
    if (stream.gone.aborted || !(await this.#isForbidden(stream.subscription))) return;
    stream.end({ error: forbidden(stream.subscription) });
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
