import type { StoredPosition } from "@mcp-events/ordering";
import {
  type AnyEventDefinition,
  canonicalJson,
  type EventConnection,
  type EventDescriptor,
  EventsError,
  type JsonObject,
  NOTIFICATIONS,
  orderingDescriptorSchema,
  readOrdering,
  readServerCapabilities,
  sleep,
} from "@mcp-events/protocol";
import { Backoff } from "./backoff";
import { EndedSubscriptions } from "./ended-subscriptions";
import { failureKind } from "./failure";
import { Intake } from "./intake";
import { listEvents } from "./list";
import type { DeliveryModeDriver } from "./modes/driver";
import { PollDriver } from "./modes/poll";
import { PushDriver } from "./modes/push";
import { WebhookDriver } from "./modes/webhook";
import type { ClientSettings } from "./options";
import { PositionKeeper } from "./position-keeper";
import { Session } from "./session";
import { chooseModes, requireSubscribeOptions, type SubscribeOptions } from "./subscribe-options";
import { coreOf, EventSubscription, type Subscription } from "./subscription";
import { SubscriptionCore } from "./subscription-core";
import { SubscriptionKeys } from "./subscription-keys";

type TypesOf<D extends AnyEventDefinition> = NonNullable<D["~types"]>;

/** An MCP client's events: discover, subscribe, stop. Made by `createEventClient`. */
export interface EventClient {
  /**
   * All event types the server lists (LIST-1).
   *
   * @throws EventsError `not_an_events_server`; `transport_failed`, `timed_out`; WireError.
   */
  list(): Promise<EventDescriptor[]>;
  /**
   * Subscribes to an event type, by its definition or by name. Resolves when the subscription stands: what is emitted
   * from then on is delivered.
   *
   * @throws WireError when the server refuses (`NotFound`, `Forbidden`, `InvalidParams`, `ResourceExhausted`, …);
   * EventsError `not_an_events_server`, `no_compatible_delivery_mode`, `option_invalid`, `position_store_failed`,
   * `closed`, or what failed `maxOpenAttempts` times.
   */
  subscribe<D extends AnyEventDefinition>(
    definition: D,
    args?: TypesOf<D>["argumentsIn"],
    options?: SubscribeOptions,
  ): Promise<Subscription<TypesOf<D>["payload"]>>;
  subscribe(name: string, args?: JsonObject, options?: SubscribeOptions): Promise<Subscription>;
  /** What is subscribed at present, for audit. */
  readonly subscriptions: readonly Subscription[];
  /**
   * Refreshes every webhook subscription whose refresh is due, for hosts whose timers stand still between calls (cron,
   * serverless); resolves when all were tried. What cannot be refreshed shows in the subscription's `state` (HOOK-4).
   *
   * @param now - In milliseconds since the epoch; default: the clock's own time.
   */
  refreshDue(now?: number): Promise<void>;
  /** Calls `fn` when the set of event types changed (LIST-3); the returned function stops it. */
  onListChanged(fn: () => void): () => void;
  /** Closes every subscription; resolves when nothing runs any more. Leaves the MCP client open. Idempotent. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** {@link EventClient} over any connection. */
export class ConnectedEventClient implements EventClient {
  readonly #subscriptions = new Set<Subscription>();
  readonly #keys = new SubscriptionKeys();
  readonly #ended = new EndedSubscriptions();
  /** Subscriptions that ended and still take leave of the server. */
  readonly #leaving = new Set<Promise<void>>();
  readonly #opening = new Set<Promise<unknown>>();
  readonly #abort = new AbortController();
  readonly #stopListening = new Set<() => void>();
  readonly #whenClosed = new Set<() => void>();
  #listing: Promise<EventDescriptor[]> | undefined;

  constructor(
    private readonly connection: EventConnection,
    private readonly settings: ClientSettings,
    /** Names the server in position keys. */
    private readonly serverName: () => string,
  ) {}

  get subscriptions(): readonly Subscription[] {
    return [...this.#subscriptions];
  }

  async list(): Promise<EventDescriptor[]> {
    this.#requireOpen();
    await this.#requireEvents();
    return this.#list(this.#abort.signal);
  }

  async refreshDue(now = this.settings.clock.now()): Promise<void> {
    this.#requireOpen();
    await Promise.all([...this.#subscriptions].map((one) => coreOf(one)?.session.refreshDue(now)));
  }

  onListChanged(fn: () => void): () => void {
    this.#requireOpen();
    const remove = this.connection.onNotification(NOTIFICATIONS.listChanged, () => fn());
    const stop = () => {
      this.#stopListening.delete(stop);
      remove();
    };
    this.#stopListening.add(stop);
    return stop;
  }

  async subscribe(
    definition: AnyEventDefinition | string,
    args: JsonObject = {},
    options: SubscribeOptions = {},
    // biome-ignore lint/suspicious/noExplicitAny: the payload's type is the definition's, told by the interface
  ): Promise<Subscription<any>> {
    this.#requireOpen();
    requireSubscribeOptions(options);
    const opening = this.#subscribe(definition, args, options);
    this.#opening.add(opening);
    try {
      return await opening;
    } finally {
      this.#opening.delete(opening);
    }
  }

  async close(): Promise<void> {
    this.#abort.abort();
    for (const stop of [...this.#stopListening]) stop();
    const closing = [...this.#subscriptions].map((one) => one.close());
    await Promise.allSettled([...this.#opening, ...closing, this.#ended.closeAll()]);
    await Promise.allSettled([...this.#leaving]);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #subscribe(
    definition: AnyEventDefinition | string,
    args: JsonObject,
    options: SubscribeOptions,
  ): Promise<Subscription> {
    const name = typeof definition === "string" ? definition : definition.name;
    const descriptor = await this.#describe(name, options.signal);
    const key = canonicalJson([this.serverName(), name, args, options.id ?? null]);
    const { webhookReceiver } = this.settings;
    const drivers: DeliveryModeDriver[] = [new PushDriver(), new PollDriver()];
    const callback = this.#keys.callback(key);
    let release = callback.release;
    try {
      if (webhookReceiver !== undefined) drivers.push(new WebhookDriver(webhookReceiver, callback.key));
      const offered = drivers.filter(({ mode }) => descriptor?.delivery.includes(mode) ?? true);
      const possible = drivers.map(({ mode }) => mode);
      const modes = chooseModes(name, options.delivery, descriptor?.delivery, possible);
      const chosen = modes.flatMap((mode) => offered.filter((driver) => driver.mode === mode));
      const freePosition = this.settings.positions === undefined ? () => {} : this.#keys.position(key);
      release = () => {
        freePosition();
        callback.release();
      };
      const keeper: PositionKeeper = new PositionKeeper(this.settings.positions, key, () =>
        intake.snapshot(),
      );
      if (keeper.stores) await this.#ended.close(key);
      const intake = this.#intake(descriptor, await keeper.load(), options.cursor);
      const core = new SubscriptionCore<JsonObject>({
        settings: this.settings,
        intake,
        keeper,
        payloadSchema: typeof definition === "string" ? undefined : definition.payloadSchema,
        onGap: options.onGap ?? "report",
        commit: options.commit ?? "auto",
        onEnd: () => {
          freePosition();
          this.#subscriptions.delete(subscription);
          this.#ended.add(key, subscription);
          this.#leave(session, callback.release);
          options.signal?.removeEventListener("abort", onAbort);
        },
        onSpent: () => this.#ended.delete(key, subscription),
      });
      const session = new Session({
        connection: this.connection,
        settings: this.settings,
        intake,
        name,
        arguments: args,
        drivers: options.fallback === false ? chosen.slice(0, 1) : chosen,
        allDrivers: offered,
        maxAgeMs: options.maxAgeMs,
        maxEvents: options.maxEvents,
        polls: offered.some(({ mode }) => mode === "poll"),
        room: core.room,
        onChange: core.changed,
        save: () => keeper.save(),
        onConnectionClosed: this.#onConnectionClosed,
      });
      core.attach(session);
      const subscription = new EventSubscription<JsonObject>(core, name, args, options.id);
      const onAbort = () => void core.close().catch(() => {});
      options.signal?.addEventListener("abort", onAbort, { once: true });
      this.#subscriptions.add(subscription);
      return await this.#start(subscription, session, keeper, options.signal);
    } catch (error) {
      release();
      throw error;
    }
  }

  #leave(session: Session, over: () => void): void {
    const leaving = session.stop().finally(() => {
      this.#leaving.delete(leaving);
      over();
    });
    this.#leaving.add(leaving);
  }

  async #start(
    subscription: Subscription,
    session: Session,
    keeper: PositionKeeper,
    signal: AbortSignal | undefined,
  ): Promise<Subscription> {
    try {
      if (signal?.aborted || this.#abort.signal.aborted) throw closed();
      await session.start();
      // From here on a restart goes on from where this subscription began.
      await keeper.save();
      return subscription;
    } catch (error) {
      await subscription.close().catch(() => {});
      throw error;
    }
  }

  #intake(
    descriptor: EventDescriptor | undefined,
    stored: StoredPosition | undefined,
    cursor: string | undefined,
  ): Intake {
    const { clock, logger, maxBuffered, maxUncommitted, dedupeWindow } = this.settings;
    const ordering = readOrdering(descriptor?._meta, orderingDescriptorSchema);
    const guarantee = ordering?.guarantee ?? "subscription";
    return new Intake({
      guarantee,
      clock,
      logger,
      maxBuffered,
      maxUncommitted,
      dedupeWindow,
      stored,
      cursor,
    });
  }

  /** The type as the server lists it; `undefined` when it does not: whether it exists is the server's to say. */
  async #describe(name: string, signal: AbortSignal | undefined): Promise<EventDescriptor | undefined> {
    const listed = await (signal === undefined ? this.#listShared() : this.#listPatiently(signal));
    return listed.find((one) => one.name === name);
  }

  /** Subscriptions that start together ask once. */
  #listShared(): Promise<EventDescriptor[]> {
    this.#listing ??= this.#listPatiently().finally(() => {
      this.#listing = undefined;
    });
    return this.#listing;
  }

  async #listPatiently(signal?: AbortSignal): Promise<EventDescriptor[]> {
    const { settings } = this;
    const stop = signal === undefined ? this.#abort.signal : AbortSignal.any([signal, this.#abort.signal]);
    const backoff = new Backoff(settings.backoff, settings.random);
    for (;;) {
      if (stop.aborted) throw closed();
      try {
        await this.#requireEvents();
        return await this.#list(stop);
      } catch (error) {
        if (this.connection.closed.aborted) throw connectionClosed(error);
        const wait = backoff.failed();
        if (failureKind(error) !== "retry" || backoff.failures >= settings.maxOpenAttempts) throw error;
        await sleep(settings.clock, wait, stop);
      }
    }
  }

  #list(signal: AbortSignal): Promise<EventDescriptor[]> {
    return listEvents(this.connection, this.settings, signal);
  }

  /** One listener on the connection, however many subscriptions there are. */
  readonly #onConnectionClosed = (fn: () => void): (() => void) => {
    const { closed: connectionClosed } = this.connection;
    if (connectionClosed.aborted) {
      fn();
      return () => {};
    }
    if (this.#whenClosed.size === 0) connectionClosed.addEventListener("abort", this.#tellClosed);
    this.#whenClosed.add(fn);
    return () => {
      this.#whenClosed.delete(fn);
      if (this.#whenClosed.size === 0) connectionClosed.removeEventListener("abort", this.#tellClosed);
    };
  };

  readonly #tellClosed = (): void => {
    for (const fn of [...this.#whenClosed]) fn();
  };

  /** CAP-3: a server that declared neither form is not asked anything. */
  async #requireEvents(): Promise<void> {
    const capabilities = await this.connection.serverCapabilities();
    if (capabilities === undefined) {
      throw new EventsError("transport_failed", "the MCP client is not connected; connect it first");
    }
    if (readServerCapabilities(capabilities) === undefined) {
      throw new EventsError("not_an_events_server", "the server does not declare that it has events");
    }
  }

  #requireOpen(): void {
    if (this.#abort.signal.aborted) throw closed();
  }
}

/** A connection that was closed does not come back: whoever waits is told at once. */
function connectionClosed(cause: unknown): EventsError {
  return new EventsError("closed", "the MCP connection was closed", { cause });
}

function closed(): EventsError {
  return new EventsError("closed", "the event client, or the subscription, was closed");
}
