import type { DeliveryError, DeliveryMode, Logger } from "@mcp-events/protocol";

/** One event on its way, as an observer sees it. */
export interface ObservedEvent {
  readonly log: string;
  readonly name: string;
  readonly eventId: string;
  readonly epoch: number;
  readonly seq: number;
}

/** Whose subscription something happened to. */
export interface ObservedSubscription {
  readonly mode: DeliveryMode;
  readonly principal: string | null;
  readonly name: string;
}

/**
 * Sees what happens to events, for metrics and traces. Every member is optional; what one throws is logged and
 * changes nothing.
 */
export interface EventObserver {
  /** An event got its number; `duplicate`: it had it already. */
  append?(event: ObservedEvent & { readonly duplicate: boolean }): void;
  /** An event was tried against the arguments of a view. */
  match?(event: Omit<ObservedEvent, "epoch"> & { readonly matched: boolean }): void;
  /** An event was handed to a transport. */
  send?(event: ObservedEvent, subscription: ObservedSubscription): void;
  /** Everything up to `through` reached the transport (push), or is what a poll went on from. */
  acknowledge?(
    position: { readonly log: string; readonly epoch: number; readonly through: number },
    subscription: ObservedSubscription,
  ): void;
  /** A subscription was told that events were skipped. */
  gap?(
    gap: { readonly log: string; readonly epoch: number; readonly through: number; readonly reason: string },
    subscription: ObservedSubscription,
  ): void;
  /** An attempt at a webhook delivery failed, and is made again; `attempt` counts those that failed. */
  retry?(
    failure: {
      readonly log: string;
      readonly epoch: number;
      readonly seq: number;
      readonly attempt: number;
      readonly error: DeliveryError;
    },
    subscription: ObservedSubscription,
  ): void;
  /** An event was given up for one webhook subscription, and its dead letter is written. */
  deadLetter?(event: ObservedEvent & { readonly id: string }, subscription: ObservedSubscription): void;
  /** An upstream could not be asked, or its answer could not be used. */
  checkFailed?(failure: { readonly name: string; readonly attempt: number; readonly error: unknown }): void;
}

/** An observer whose members are all there and never throw. */
export type SafeObserver = Required<EventObserver> & { readonly watchesSend: boolean };

/** Wraps an observer so that its absence or failure concerns nobody. */
export function safeObserver(observer: EventObserver | undefined, logger: Logger): SafeObserver {
  const guard =
    <Arguments extends unknown[]>(
      name: keyof EventObserver,
      call: ((...args: Arguments) => void) | undefined,
    ) =>
    (...args: Arguments): void => {
      if (call === undefined) return;
      try {
        call.apply(observer, args);
      } catch (error) {
        logger.error(`observer.${name} threw`, { error });
      }
    };
  return {
    watchesSend: observer?.send !== undefined,
    append: guard("append", observer?.append),
    match: guard("match", observer?.match),
    send: guard("send", observer?.send),
    acknowledge: guard("acknowledge", observer?.acknowledge),
    gap: guard("gap", observer?.gap),
    retry: guard("retry", observer?.retry),
    deadLetter: guard("deadLetter", observer?.deadLetter),
    checkFailed: guard("checkFailed", observer?.checkFailed),
  };
}
