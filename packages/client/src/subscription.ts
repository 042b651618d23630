import type { DeliveryMode, DeliveryStatus, JsonObject } from "@mcp-events/protocol";
import type { SubscriptionItem } from "./items";
import type { SubscriptionCore } from "./subscription-core";

/**
 * `connecting` until it stands, `live`, `reconnecting` after a failure or while the mode changes, `ended` by the server
 * or a failure that does not pass, `closed` by its user.
 */
export type SubscriptionState = "connecting" | "live" | "reconnecting" | "ended" | "closed";

/**
 * A subscription to an event type: iterate over it for its events in order, once, with gaps in line (ORD-1 to ORD-3).
 *
 * Pulling the next item commits the one before (unless `commit: "explicit"`). Leaving the loop keeps the subscription
 * and hands out again what was not committed when it is iterated next; `close` ends it.
 */
export interface Subscription<Payload = JsonObject> extends AsyncIterable<SubscriptionItem<Payload>> {
  /** Name of the event type. */
  readonly name: string;
  readonly arguments: JsonObject;
  /** The `id` it was given. */
  readonly id: string | undefined;
  /** How events come at present. */
  readonly mode: DeliveryMode;
  readonly state: SubscriptionState;
  /** The committed cursor; `null` before there is one, and for types without replay. */
  readonly cursor: string | null;
  /** How webhook deliveries fare, as the server said last; `undefined` in other modes (HOOK-14). */
  readonly deliveryStatus: DeliveryStatus | undefined;
  /**
   * Goes on in another mode from the same position, without loss or repeat (ORD-4); resolves when that stands.
   *
   * @throws EventsError `no_compatible_delivery_mode` when the server does not offer it; `closed`.
   */
  switchTo(mode: DeliveryMode): Promise<void>;
  /**
   * Commits an item, and everything handed out before it in its lane (the subscription, or the event's ordering key);
   * resolves when that is stored (ORD-9).
   *
   * @throws EventsError `position_store_failed` (retryable), `closed`, `option_invalid` for an item of another subscription.
   */
  commit(item: SubscriptionItem<Payload>): Promise<void>;
  /** Stops delivery; resolves when nothing of it runs any more. Idempotent. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

const cores = new WeakMap<object, SubscriptionCore<unknown>>();

/** What a subscription of this package runs on; `undefined` for any other object. */
export function coreOf(subscription: object): SubscriptionCore<unknown> | undefined {
  return cores.get(subscription);
}

/** Makes the public object of a core. */
export class EventSubscription<Payload> implements Subscription<Payload> {
  readonly #core: SubscriptionCore<Payload>;

  constructor(
    core: SubscriptionCore<Payload>,
    readonly name: string,
    readonly arguments_: JsonObject,
    readonly id: string | undefined,
  ) {
    this.#core = core;
    cores.set(this, core as SubscriptionCore<unknown>);
  }

  get arguments(): JsonObject {
    return this.arguments_;
  }

  get mode(): DeliveryMode {
    return this.#core.session.mode;
  }

  get state(): SubscriptionState {
    return this.#core.closed ? "closed" : this.#core.session.state;
  }

  get cursor(): string | null {
    return this.#core.options.intake.consumer.committedCursor;
  }

  get deliveryStatus(): DeliveryStatus | undefined {
    return this.#core.session.deliveryStatus;
  }

  switchTo(mode: DeliveryMode): Promise<void> {
    return this.#core.session.switchTo(mode);
  }

  commit(item: SubscriptionItem<Payload>): Promise<void> {
    return this.#core.commit(item);
  }

  close(): Promise<void> {
    return this.#core.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  [Symbol.asyncIterator](): AsyncIterator<SubscriptionItem<Payload>, undefined> {
    const core = this.#core;
    const source = {
      next: () => core.next(),
      commit: (item: SubscriptionItem<Payload>) =>
        core.options.commit === "auto" && !core.closed ? core.commitNow(item) : undefined,
      leave: () => core.rewind(),
    };
    return committingIterator(source);
  }
}

/** An iterator that commits an item when the next one is pulled. Calls of `next` take turns. */
export function committingIterator<Item>(source: {
  next(): Promise<Item | undefined>;
  commit(item: Item): Promise<void> | undefined;
  leave(): void;
}): AsyncIterator<Item, undefined> {
  let previous: Item | undefined;
  let turn: Promise<unknown> | undefined;
  const pull = async (): Promise<IteratorResult<Item, undefined>> => {
    const done = previous;
    previous = undefined;
    const committing = done === undefined ? undefined : source.commit(done);
    if (committing !== undefined) await committing;
    previous = await source.next();
    return previous === undefined ? { done: true, value: undefined } : { done: false, value: previous };
  };
  return {
    next() {
      const result = turn === undefined ? pull() : turn.then(pull);
      const over = () => {
        if (turn === waiting) turn = undefined;
      };
      const waiting: Promise<unknown> = result.then(over, over);
      turn = waiting;
      return result;
    },
    async return() {
      previous = undefined;
      source.leave();
      return { done: true, value: undefined };
    },
  };
}
