import { type Awaitable, type Entry, type EventLog, type Reader, View } from "@mcp-events/ordering";
import {
  type Clock,
  EventsError,
  type JsonObject,
  type Logger,
  MAX_EVENT_BYTES,
  utf8Bytes,
} from "@mcp-events/protocol";
import { jsonCopy } from "../emit/json-guard";
import type { SafeObserver } from "../observer";
import type { Subscription } from "./subscription";

/** What {@link Views} needs of its server. */
export interface ViewContext {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly observer: SafeObserver;
}

/** The views that are read now: one for all equal subscriptions, gone with its last reader. */
export class Views {
  readonly #views = new Map<symbol, Map<string, View>>();
  #size = 0;

  constructor(private readonly context: ViewContext) {}

  /** Number of views. */
  get size(): number {
    return this.#size;
  }

  /** Number of readers of all views. */
  get readers(): number {
    let readers = 0;
    for (const views of this.#views.values()) for (const view of views.values()) readers += view.readers;
    return readers;
  }

  /**
   * Opens a reader of a subscription's events after number `after`; `release` also lets go of the view.
   *
   * @param last - Number of the subscription's last event at or before `after`, where it is known.
   */
  open(
    log: EventLog,
    subscription: Subscription,
    after: number,
    last?: number,
  ): { reader: Reader; release(): void } {
    const { registration } = subscription.type;
    const { audience } = subscription;
    const view = this.#view(log, subscription);
    const reader = view.reader(after, last);
    return {
      reader,
      release: () => {
        reader.release();
        if (view.readers > 0 || this.#views.get(registration)?.get(audience) !== view) return;
        view.close();
        this.#forget(registration, audience);
      },
    };
  }

  close(): void {
    for (const views of this.#views.values()) for (const view of views.values()) view.close();
    this.#views.clear();
    this.#size = 0;
  }

  #view(log: EventLog, subscription: Subscription): View {
    const { registration } = subscription.type;
    const { audience } = subscription;
    const known = this.#views.get(registration)?.get(audience);
    if (known !== undefined) return known;
    const view = makeView(this.context, log, subscription);
    if (!this.#views.has(registration)) this.#views.set(registration, new Map());
    this.#views.get(registration)!.set(audience, view);
    this.#size += 1;
    return view;
  }

  #forget(registration: symbol, audience: string): void {
    const views = this.#views.get(registration)!;
    views.delete(audience);
    this.#size -= 1;
    if (views.size === 0) this.#views.delete(registration);
  }
}

function makeView(context: ViewContext, log: EventLog, subscription: Subscription): View {
  const { type, audience } = subscription;
  const args = subscription.arguments;
  const { match, transform } = type.options;
  const { observer, logger, clock } = context;
  const tell = ({ name, eventId, seq }: Entry, matched: boolean) => {
    observer.match({ log: log.name, name, eventId, seq, matched });
    return matched;
  };
  return new View({
    log,
    name: type.name,
    audience,
    clock,
    ...(match !== undefined && {
      match: (data: JsonObject, entry: Entry) =>
        whenKnown(match(data, args), (answer) => tell(entry, answer === true)),
    }),
    ...(transform !== undefined && {
      transform: (data: JsonObject) =>
        whenKnown(transform(structuredClone(data), args), (result) => shaped(type.name, result)),
    }),
    onGiveUp: ({ name, eventId }, error) => {
      logger.error("an event was given up: match or transform failed", { name, eventId, error });
    },
  });
}

/** Applies `fn` to a value now, or when its promise is fulfilled. */
function whenKnown<T, R>(value: Awaitable<T>, fn: (value: T) => R): Awaitable<R> {
  return value instanceof Promise ? value.then(fn) : fn(value);
}

/** What `transform` gave, held to the bounds of every event (OCC-3). */
function shaped(name: string, value: unknown): JsonObject {
  const { copy, text } = jsonCopy(`${name}: transform`, value);
  if (utf8Bytes(text) <= MAX_EVENT_BYTES) return copy;
  throw new EventsError(
    "payload_too_large",
    `${name}: transform: its result is over ${MAX_EVENT_BYTES} bytes`,
  );
}
