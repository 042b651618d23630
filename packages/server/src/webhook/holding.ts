import { type Subscription, subscriptionInfo, unsubscribed } from "../subscriptions/subscription";
import type { UpstreamGroup } from "../upstream/upstream-group";
import type { Webhooks } from "./webhooks";

/** What a webhook subscription holds while it lives: its place within the limits, and its upstream. */
export interface Held {
  readonly group: UpstreamGroup | undefined;
  /** Gives it back; idempotent. */
  readonly release: () => void;
}

/** The two steps of {@link holding}. */
export interface HoldingSteps<T> {
  /** Runs once there is a place within the limits, and before `onSubscribe` (AUTH-3). */
  readonly check: () => Promise<void>;
  /** Makes the subscription, which gives back what is held when it ends. */
  readonly make: (held: Held) => Promise<T>;
}

/**
 * Takes what a subscription needs and makes it; when a step fails, what the ones before took is given back.
 *
 * @throws WireError `ResourceExhausted`; what the steps and `onSubscribe` throw.
 */
export async function holding<T>(
  { engine }: Webhooks,
  subscription: Subscription,
  { check, make }: HoldingSteps<T>,
): Promise<T> {
  const giveBack = engine.limiter.reserve(subscription.principal);
  const upstream = engine.upstreams.retain(subscription);
  const release = () => {
    upstream?.release();
    giveBack();
  };
  try {
    await check();
    await subscription.type.options.onSubscribe?.(subscriptionInfo(subscription));
    try {
      return await make({ group: upstream?.group, release });
    } catch (error) {
      await unsubscribed(subscription, engine.logger);
      throw error;
    }
  } catch (error) {
    release();
    throw error;
  }
}
