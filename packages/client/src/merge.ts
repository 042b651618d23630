import { type LogPosition, Merge, type MergePosition } from "@mcp-events/ordering";
import { type Clock, EventsError, waitingClock } from "@mcp-events/protocol";
import type { SubscriptionItem } from "./items";
import { committingIterator, coreOf, type Subscription } from "./subscription";
import type { SubscriptionCore } from "./subscription-core";

/** Options of {@link merge}. */
export interface MergeSubscriptionsOptions {
  /** How long a quiet subscription may keep the others waiting before the server is asked for its position, in milliseconds; default 250. */
  readonly mergeWaitMs?: number | undefined;
  /** Items of one subscription that wait for the others at most; default 1,000. */
  readonly maxBuffered?: number | undefined;
}

type PayloadOf<S> = S extends Subscription<infer Payload> ? Payload : never;
// biome-ignore lint/suspicious/noExplicitAny: a bound that every subscription fits
type AnySubscription = Subscription<any>;
type Merged<S extends readonly AnySubscription[]> = AsyncIterable<SubscriptionItem<PayloadOf<S[number]>>>;

/**
 * Merges subscriptions to types of one log into one line in log order (ORD-5, ORDERING rule 24). Items commit as they
 * do in their own subscription; leaving the loop keeps the subscriptions. One that ends leaves; one that fails, fails
 * the line when its own items are out. Subscriptions of different logs, and of servers that give no positions, are
 * interleaved as they come.
 *
 * @throws EventsError `option_invalid` for something that is not a subscription of this package, or a bound that is not positive.
 */
export function merge<S extends readonly AnySubscription[]>(
  subscriptions: S,
  options?: MergeSubscriptionsOptions,
): Merged<S>;
export function merge<S extends readonly AnySubscription[]>(...subscriptions: S): Merged<S>;
export function merge<S extends readonly AnySubscription[]>(
  ...subscriptionsAndOptions: [...S, MergeSubscriptionsOptions]
): Merged<S>;
export function merge(...given: readonly unknown[]): AsyncIterable<SubscriptionItem<unknown>> {
  const last = given.at(-1);
  const isOptions = given.length > 1 && !Array.isArray(last) && coreOf(last as object) === undefined;
  const options = isOptions ? (last as MergeSubscriptionsOptions) : {};
  const inputs = (isOptions ? given.slice(0, -1) : given).flat().map((part) => {
    const core = coreOf(part as object);
    if (core === undefined)
      throw new EventsError("option_invalid", "merge: not a subscription of this package");
    return core;
  });
  new Merge(inputs, options); // checks the options before anybody iterates
  return { [Symbol.asyncIterator]: () => mergedIterator(inputs, options) };
}

interface Buffered {
  readonly core: SubscriptionCore<unknown>;
  readonly item: SubscriptionItem<unknown>;
}

function mergedIterator(
  inputs: readonly SubscriptionCore<unknown>[],
  options: MergeSubscriptionsOptions,
): AsyncIterator<SubscriptionItem<unknown>, undefined> {
  const owners = new WeakMap<object, SubscriptionCore<unknown>>();
  const line = new MergedLine(inputs, options);
  for (const core of inputs) core.rewind();
  return committingIterator({
    async next() {
      const next = await line.next();
      if (next !== undefined) owners.set(next.item, next.core);
      return next?.item;
    },
    commit(item: SubscriptionItem<unknown>) {
      const core = owners.get(item);
      return core?.options.commit === "auto" && !core.closed ? core.commitNow(item) : undefined;
    },
    leave() {
      for (const core of inputs) core.rewind();
    },
  });
}

class MergedLine {
  readonly #merge: Merge<SubscriptionCore<unknown>, Buffered>;
  readonly #buffered = new Map<SubscriptionCore<unknown>, number>();
  readonly #failed = new Map<SubscriptionCore<unknown>, unknown>();
  readonly #clock: Clock;
  readonly #waitMs: number;

  constructor(
    private readonly inputs: readonly SubscriptionCore<unknown>[],
    options: MergeSubscriptionsOptions,
  ) {
    this.#merge = new Merge(inputs, options);
    this.#clock = inputs[0]?.options.settings.clock ?? waitingClock;
    this.#waitMs = Math.max(options.mergeWaitMs ?? 250, 1);
  }

  async next(): Promise<Buffered | undefined> {
    for (;;) {
      const ready = this.#takeNext();
      if (ready !== undefined) return ready;
      // Listening begins before looking, so that nothing is missed in between.
      const changed = this.#listen();
      try {
        await this.#feed();
        this.#throwFailure();
        const next = this.#takeNext();
        if (next !== undefined) return next;
        if (this.#merge.finished) return undefined;
        for (const core of this.#merge.late(this.#clock.now())) core.session.askPosition();
        await changed.promise;
      } finally {
        changed.stop();
      }
    }
  }

  #takeNext(): Buffered | undefined {
    const next = this.#merge.next();
    if (next === undefined) return undefined;
    this.#buffered.set(next.key, (this.#buffered.get(next.key) ?? 1) - 1);
    return next.item;
  }

  async #feed(): Promise<void> {
    for (const core of this.inputs) {
      while (this.#merge.wants(core)) {
        const item = await this.#pull(core);
        if (item === undefined) break;
        this.#buffered.set(core, (this.#buffered.get(core) ?? 0) + 1);
        this.#merge.offer(core, placeOf(item), { core, item });
      }
      this.#tellPosition(core);
    }
  }

  async #pull(core: SubscriptionCore<unknown>): Promise<SubscriptionItem<unknown> | undefined> {
    try {
      return await core.pull();
    } catch (error) {
      this.#failed.set(core, error);
      return undefined;
    }
  }

  /** Once everything that came was taken, the subscription's own position holds; at its end, nothing more comes. */
  #tellPosition(core: SubscriptionCore<unknown>): void {
    if (core.finished) {
      if (core.session.error !== undefined && !core.closed && !this.#failed.has(core)) {
        this.#failed.set(core, core.session.error);
      }
      this.#merge.end(core);
    } else if (core.waiting === 0 && core.position !== undefined) {
      this.#merge.position(core, core.position);
    }
  }

  #throwFailure(): void {
    for (const [core, error] of this.#failed) {
      if ((this.#buffered.get(core) ?? 0) > 0) continue;
      throw error;
    }
  }

  /** Resolves when any input changes, or it is time to ask a quiet one. */
  #listen(): { promise: Promise<void>; stop: () => void } {
    let resolve = () => {};
    const promise = new Promise<void>((done) => {
      resolve = done;
    });
    const stops = this.inputs.map((core) => core.onceChanged(resolve));
    stops.push(this.#clock.after(this.#waitMs, resolve));
    return {
      promise,
      stop: () => {
        for (const stop of stops) stop();
      },
    };
  }
}

function placeOf(item: SubscriptionItem<unknown>): MergePosition | undefined {
  const place: (LogPosition & { log: string }) | undefined = item.kind === "event" ? item.position : item.to;
  return place;
}
