import { type Clock, EventsError, systemClock } from "@mcp-events/protocol";
import type { AtOnce } from "./at-once";
import { MemoryDeadLetters } from "./memory-dead-letters";
import { MemorySubscriptions } from "./memory-subscriptions";
import type { DeadLetterStore, SubscriptionStore, WebhookStore } from "./webhook-store";

/** A {@link WebhookStore} that answers at once. */
export interface MemoryWebhooks extends WebhookStore {
  readonly subscriptions: AtOnce<SubscriptionStore>;
  readonly deadLetters: AtOnce<DeadLetterStore>;
}

/** Options of {@link memoryWebhooks}. */
export interface MemoryWebhooksOptions {
  /** Most dead letters kept; the oldest leave. Default 10,000. */
  readonly maxDeadLetters?: number | undefined;
  /** Whether several servers of this process use it at once, as replicas do. Default false. */
  readonly shared?: boolean | undefined;
  /** By which leases end; default: the machine's time. */
  readonly clock?: Pick<Clock, "now"> | undefined;
}

/** Defaults of {@link memoryWebhooks}. */
export const MEMORY_WEBHOOKS_DEFAULTS = { maxDeadLetters: 10_000 } as const;

/**
 * Webhook subscriptions and dead letters that live as long as the process.
 *
 * @throws EventsError `option_invalid` when `maxDeadLetters` is not a positive integer.
 */
export function memoryWebhooks(options: MemoryWebhooksOptions = {}): MemoryWebhooks {
  const maxDeadLetters = options.maxDeadLetters ?? MEMORY_WEBHOOKS_DEFAULTS.maxDeadLetters;
  if (!Number.isInteger(maxDeadLetters) || maxDeadLetters < 1) {
    throw new EventsError(
      "option_invalid",
      `memoryWebhooks: maxDeadLetters must be a positive integer, not ${maxDeadLetters}`,
    );
  }
  return {
    shared: options.shared ?? false,
    subscriptions: new MemorySubscriptions(options.clock ?? systemClock),
    deadLetters: new MemoryDeadLetters(maxDeadLetters),
  };
}
