import { audienceOf } from "@mcp-events/ordering";
import {
  type DeliveryMode,
  type HostRequest,
  isJsonObject,
  type JsonObject,
  type Logger,
  WireError,
} from "@mcp-events/protocol";
import type { EventType } from "../registry/event-type";
import type { Registry } from "../registry/registry";
import type { SubscriptionInfo } from "../types";
import { quoted, requireSmallArguments } from "../wire/requests";

/** What a caller subscribes to, checked but not yet authorized. */
export interface Subscription {
  readonly type: EventType;
  readonly mode: DeliveryMode;
  readonly principal: string | null;
  readonly authInfo: unknown;
  readonly sessionId: string | undefined;
  /** As the client sent them: what equal subscriptions have in common. */
  readonly rawArguments: JsonObject;
  /** As the input schema gives them to the author's functions. */
  readonly arguments: unknown;
  /** Whose events it gets: {@link audienceOf}. */
  readonly audience: string;
}

/** What a request says about its subscription. */
export interface SubscriptionParams {
  readonly name: string;
  readonly arguments: JsonObject;
}

/**
 * Finds what a request subscribes to.
 *
 * @throws WireError `NotFound` for the name, `Unsupported` for the mode, `InvalidParams` for the arguments.
 */
export async function readSubscription(
  registry: Registry,
  method: string,
  mode: DeliveryMode,
  request: Pick<HostRequest, "principal" | "authInfo" | "sessionId">,
  params: SubscriptionParams,
): Promise<Subscription> {
  const type = registry.require(params.name);
  if (!type.delivery.includes(mode)) {
    throw new WireError("Unsupported", `${quoted(type.name)} is not delivered by ${mode}`, {
      feature: "deliveryMode",
      value: mode,
    });
  }
  const checked = await type.validateArguments(params.arguments);
  if (!checked.ok) {
    const path = checked.path === "" ? "arguments" : `arguments.${checked.path}`;
    throw new WireError("InvalidParams", `${method}: ${path}: ${checked.message}`);
  }
  const { principal, authInfo, sessionId } = request;
  return {
    type,
    mode,
    principal,
    authInfo,
    sessionId,
    rawArguments: params.arguments,
    arguments: checked.value,
    audience: audienceOf(type.options.sharedCheck ? null : principal, type.name, params.arguments),
  };
}

/** Refuses a request whose arguments are too large, before anything looks at them. */
export function requireBoundedArguments(method: string, params: JsonObject, maxBytes: number): void {
  if (isJsonObject(params.arguments)) requireSmallArguments(method, params.arguments, maxBytes);
}

/**
 * Whether the subscription is allowed as of now (AUTH-1).
 *
 * @throws what the author's `authorize` throws.
 */
export async function isAllowed(subscription: Subscription): Promise<boolean> {
  const { type, principal, authInfo, sessionId } = subscription;
  const { authorize } = type.options;
  if (authorize === undefined) return true;
  return (await authorize({ principal, authInfo, sessionId }, type.name, subscription.arguments)) === true;
}

/** The error of a subscription that is not, or no longer, allowed. */
export function forbidden(subscription: Subscription): WireError {
  return new WireError("Forbidden", `Not allowed to subscribe to ${quoted(subscription.type.name)}`);
}

/** What hooks and observers are told of a subscription. */
export function subscriptionInfo(subscription: Subscription): SubscriptionInfo<unknown> {
  const { mode, principal, type } = subscription;
  return { mode, principal, name: type.name, arguments: subscription.arguments };
}

/** Runs `onUnsubscribe`; what it throws is logged. */
export async function unsubscribed(subscription: Subscription, logger: Logger): Promise<void> {
  try {
    await subscription.type.options.onUnsubscribe?.(subscriptionInfo(subscription));
  } catch (error) {
    logger.error("onUnsubscribe threw", { name: subscription.type.name, error });
  }
}
