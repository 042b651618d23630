import {
  type CursorSeal,
  type DeliveryMode,
  type EventHost,
  type Logger,
  type Message,
  NOTIFICATIONS,
} from "@mcp-events/protocol";
import { CountingClock } from "./counting-clock";
import { type SafeObserver, safeObserver } from "./observer";
import type { ResolvedOptions } from "./options";
import type { PushStream } from "./push/push-stream";
import type { EventType } from "./registry/event-type";
import { Registry } from "./registry/registry";
import { endIfFinished } from "./subscriptions/finished";
import { IntervalQueue } from "./subscriptions/interval-queue";
import { Leases } from "./subscriptions/leases";
import { SubscriptionLimiter } from "./subscriptions/limits";
import type { Ending, LivingSubscription } from "./subscriptions/living";
import { Reauthorizer } from "./subscriptions/reauthorizer";
import { Views } from "./subscriptions/views";
import { untilAborted } from "./until-aborted";
import { Upstreams } from "./upstream/upstreams";
import { Webhooks } from "./webhook/webhooks";
import { hmacSeal } from "./wire/cursor-seal";
import { ServerLog } from "./wire/server-log";

/** The state of one event server, shared by all MCP servers that are attached to it. */
export class Engine {
  readonly clock: CountingClock;
  readonly logger: Logger;
  readonly observer: SafeObserver;
  readonly registry = new Registry(() => this.#listChanged());
  readonly limiter: SubscriptionLimiter;
  readonly views: Views;
  readonly upstreams: Upstreams;
  readonly leases: Leases;
  readonly streams = new Set<PushStream>();
  readonly heartbeats: IntervalQueue<PushStream>;
  readonly reauthorizations: IntervalQueue<LivingSubscription>;
  readonly reauthorizer: Reauthorizer;
  /** Absent when no transport posts webhooks. */
  readonly webhooks: Webhooks | undefined;
  readonly hosts = new Set<EventHost>();
  /** Long polls that wait now. */
  longPolls = 0;
  readonly #logs = new Map<string, ServerLog>();
  readonly #seal: CursorSeal | undefined;
  readonly #closing = new AbortController();
  #listChangeDue = false;

  constructor(readonly options: ResolvedOptions) {
    this.clock = new CountingClock(options.clock);
    this.logger = named(options.logger, options.name);
    this.observer = safeObserver(options.observer, this.logger);
    this.#seal = options.cursorKey === undefined ? undefined : hmacSeal(options.cursorKey);
    this.limiter = new SubscriptionLimiter(options.limits);
    this.views = new Views(this);
    this.upstreams = new Upstreams(this, (name) => this.logOf(name));
    this.leases = new Leases(this, options.leaseMs);
    this.heartbeats = new IntervalQueue(this.clock, options.heartbeatMs, (stream) => stream.beat());
    this.reauthorizer = new Reauthorizer(this.clock, this.logger, options.reauthorizeMs, (living) =>
      endIfFinished(this, living),
    );
    this.reauthorizations = new IntervalQueue(this.clock, options.reauthorizeMs, (living) =>
      this.reauthorizer.askPeriodically(living),
    );
    const sender = options.transports.find(({ webhookSender }) => webhookSender !== undefined)?.webhookSender;
    this.webhooks = sender === undefined ? undefined : new Webhooks(this, sender, options.webhooks);
  }

  /** Aborts when the server begins to close. */
  get closing(): AbortSignal {
    return this.#closing.signal;
  }

  /** A log by name; opened when it is first used. */
  logOf(name: string): ServerLog {
    let log = this.#logs.get(name);
    if (log === undefined) {
      log = new ServerLog(name, this.options.store, this.#seal, this.options.maxPendingEmits);
      this.#logs.set(name, log);
    }
    return log;
  }

  /** What the server can deliver by. */
  get modes(): readonly DeliveryMode[] {
    return this.webhooks === undefined ? ["push", "poll"] : ["push", "poll", "webhook"];
  }

  /** All logs used so far. */
  get logs(): ServerLog[] {
    return [...this.#logs.values()];
  }

  /** Number of the last entry that was emitted before this call, or after it at the latest. */
  async emittedSoFar(logName: string): Promise<number> {
    const log = this.logOf(logName);
    await log.queue.fence();
    return (await (await log.open()).head()).seq;
  }

  /** Streams and webhook subscriptions of a registration that deliver now. */
  delivering({ registration }: EventType): LivingSubscription[] {
    const all: LivingSubscription[] = [...this.streams, ...(this.webhooks?.all() ?? [])];
    return all.filter(({ subscription, begun }) => begun && subscription.type.registration === registration);
  }

  /** Ends the subscriptions of a registration, once they have everything emitted before. */
  async endSubscriptions(type: EventType, modes: ReadonlySet<string>, error: NonNullable<Ending["error"]>) {
    const { registration, logName } = type;
    const through = await this.emittedSoFar(logName);
    for (const stream of this.streams) {
      if (!modes.has("push") || stream.subscription.type.registration !== registration) continue;
      stream.end({ error, through });
    }
    if (modes.has("webhook")) this.webhooks?.endAll(type, { error, through });
    if (modes.has("poll")) {
      this.leases.end(({ subscription }) => subscription.type.registration === registration, error);
    }
  }

  /** Ends everything: streams with a final result once they have what was emitted, at the latest after `drainMs`. */
  async close(): Promise<void> {
    if (this.closing.aborted) return;
    this.#closing.abort();
    for (const log of this.logs) await log.queue.idle();
    await Promise.all([
      this.#endStreams(),
      this.#closeWebhooks(),
      this.#atMost(this.leases.close(), "onUnsubscribe"),
    ]);
    this.heartbeats.clear();
    this.reauthorizations.clear();
    this.upstreams.close();
    this.views.close();
    this.hosts.clear();
    await this.options.store.close();
  }

  async #endStreams(): Promise<void> {
    for (const stream of this.streams) {
      const head = await this.logOf(stream.subscription.type.logName).opened?.head();
      stream.end({ through: head?.seq ?? 0 });
    }
    const all = Promise.all([...this.streams].map((stream) => stream.released));
    if (await this.#atMost(all, undefined)) return;
    for (const stream of this.streams) stream.cut();
    await this.#atMost(all, "a hook of a stream");
  }

  async #closeWebhooks(): Promise<void> {
    const over = new AbortController();
    const cancel = this.clock.after(this.options.drainMs, () => over.abort());
    await this.webhooks?.close(over.signal);
    cancel();
  }

  /** Waits at most `drainMs`; whether it was worth it. */
  async #atMost(waiting: Promise<unknown>, what: string | undefined): Promise<boolean> {
    const over = new AbortController();
    const cancel = this.clock.after(this.options.drainMs, () => over.abort());
    await untilAborted(over.signal, waiting);
    cancel();
    if (over.signal.aborted && what !== undefined) this.logger.warn(`close did not wait for ${what}`);
    return !over.signal.aborted;
  }

  /** Tells every attached MCP server that the list changed, once for all changes of a moment (LIST-3). */
  #listChanged(): void {
    if (this.#listChangeDue) return;
    this.#listChangeDue = true;
    queueMicrotask(() => {
      this.#listChangeDue = false;
      void this.webhooks?.restored.takeUp();
      const message: Message = { method: NOTIFICATIONS.listChanged, params: {} };
      for (const transport of this.options.transports) transport.broadcast?.(message);
      for (const host of this.hosts) {
        host
          .notify(message)
          .catch((error: unknown) => this.logger.debug("list_changed was not sent", { error }));
      }
    });
  }
}

function named(logger: Logger, server: string): Logger {
  const at = (level: keyof Logger) => (message: string, fields?: Record<string, unknown>) =>
    logger[level](`${server}: ${message}`, fields);
  return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
}
