import type { Release } from "@mcp-events/ordering";
import {
  type CompiledSchema,
  type DeliveryMode,
  EventsError,
  issuePath,
  type JsonObject,
  ORDERING_EXTENSION,
  SUBSCRIPTION_ID,
} from "@mcp-events/protocol";
import type { Intake, Received } from "./intake";
import type { ItemPosition, SubscriptionEvent, SubscriptionGap, SubscriptionItem } from "./items";
import type { ClientSettings } from "./options";
import { PLAIN_LOG } from "./plain-numbering";
import type { PositionKeeper } from "./position-keeper";
import { Pulse } from "./pulse";
import type { Session } from "./session";

/** What a subscription promises its user. */
export interface CoreOptions {
  readonly settings: ClientSettings;
  readonly intake: Intake;
  readonly keeper: PositionKeeper;
  /** Turns `data` into what the definition's schema gives; absent: as it came. */
  readonly payloadSchema: CompiledSchema | undefined;
  readonly onGap: "report" | "stop";
  readonly commit: "auto" | "explicit";
  /** Called once when nothing more will come. */
  readonly onEnd: () => void;
}

/** Keys of `_meta` that tell how an event came, not what it is. */
const OWN_META: ReadonlySet<string> = new Set([ORDERING_EXTENSION, SUBSCRIPTION_ID]);

type Handed = Release<Received | undefined>;

/** Between what arrives and who iterates: hands out items, commits them, and stores the position. */
export class SubscriptionCore<Payload = JsonObject> {
  readonly #pulse = new Pulse();
  readonly #releases = new WeakMap<object, Handed>();
  #session: Session | undefined;
  #stopped: Error | undefined;
  #closed = false;
  #ended = false;

  constructor(readonly options: CoreOptions) {}

  /** The session reports to the core, so it is made after it. */
  attach(session: Session): void {
    this.#session = session;
  }

  get session(): Session {
    return this.#session as Session;
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** True when nothing is left to hand out and nothing will come. */
  get finished(): boolean {
    if (this.#closed || this.#stopped !== undefined) return true;
    return this.session.state === "ended" && this.waiting === 0;
  }

  /** Where the subscription stands, once everything that waits was handed out; `undefined` without positions. */
  get position(): ItemPosition | undefined {
    return this.options.intake.consumer.released;
  }

  /** Number of items that wait to be handed out. */
  get waiting(): number {
    return this.options.intake.consumer.waiting;
  }

  // ------------------------------------------------------------------ for the session

  /** Something arrived, ended, or moved the position in quiet times. */
  readonly changed = (): void => {
    const { consumer } = this.options.intake;
    if (consumer.waiting === 0 && consumer.uncommitted === 0) this.#saveQuietly();
    if (this.session.state === "ended" && !this.#ended) {
      this.#ended = true;
      this.options.onEnd();
    }
    this.#pulse.fire();
  };

  readonly room = async (count: number, signal: AbortSignal): Promise<void> => {
    while (this.waiting >= count && !signal.aborted) await this.#pulse.wait(signal);
  };

  // ------------------------------------------------------------------ for who iterates

  /** Calls `fn` once, at the next change; the returned function takes it back. */
  onceChanged(fn: () => void): () => void {
    return this.#pulse.once(fn);
  }

  /**
   * The next item; `undefined` after the end.
   *
   * @throws why the subscription ended, after what came before was handed out; EventsError `gap` with `onGap: "stop"`.
   */
  async next(): Promise<SubscriptionItem<Payload> | undefined> {
    for (;;) {
      const item = await this.pull();
      if (item !== undefined) return item;
      if (this.finished) return this.#finish();
      await this.#pulse.wait();
    }
  }

  /** The next item if one may be handed out now. Throws as {@link next} does, except for the end. */
  async pull(): Promise<SubscriptionItem<Payload> | undefined> {
    const { consumer } = this.options.intake;
    if (this.#closed || this.#stopped !== undefined) return undefined;
    if (consumer.uncommitted >= this.options.settings.maxUncommitted) return undefined;
    if (this.options.onGap === "stop" && consumer.peek()?.kind === "gap") return this.#stopAtGap();
    const release = consumer.take();
    if (release === undefined) return undefined;
    this.#pulse.fire();
    const item = release.kind === "gap" ? this.#gap(release) : await this.#event(release);
    this.#releases.set(item, release);
    if (item.kind === "gap" && release.kind === "event" && this.options.onGap === "stop") this.#stop(item);
    return item;
  }

  /** Commits an item; resolves when that is stored. */
  async commit(item: SubscriptionItem<Payload>): Promise<void> {
    const release = this.#releases.get(item);
    if (release === undefined) {
      throw new EventsError("option_invalid", "commit: the item is not one of this subscription");
    }
    if (this.#closed) throw new EventsError("closed", "the subscription was closed");
    this.options.intake.consumer.commit(release);
    this.#pulse.fire();
    await this.options.keeper.save();
  }

  /** What was handed out and not committed is handed out again. */
  rewind(): void {
    this.options.intake.consumer.rewind();
    this.#pulse.fire();
  }

  /** Ends it; what is committed by now is stored. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.session.stop();
    this.#pulse.fire();
    await this.options.keeper.save();
  }

  // ------------------------------------------------------------------ items

  async #event(release: Handed & { kind: "event" }): Promise<SubscriptionItem<Payload>> {
    const { occurrence, mode } = release.item as Received;
    const parsed = await this.#parse(occurrence.data, occurrence.eventId);
    const position = positionOf(release);
    const meta = authorsMeta(occurrence._meta);
    if (parsed === undefined) {
      const unusable = { kind: "gap", reason: "lost", from: release.seq - 1, to: release.seq } as const;
      return this.#gap({ ...unusable, log: release.log, epoch: release.epoch });
    }
    const item: SubscriptionEvent<Payload> = {
      kind: "event",
      eventId: occurrence.eventId,
      name: occurrence.name,
      timestamp: occurrence.timestamp,
      data: parsed.data,
      ...(meta !== undefined && { meta }),
      ...(position !== undefined && { position }),
      mode: mode satisfies DeliveryMode,
      commit: () => this.commit(item),
    };
    return item;
  }

  #gap(release: Handed & { kind: "gap" }): SubscriptionGap {
    const { log, epoch, from, to, reason } = release;
    const known = log !== PLAIN_LOG;
    const gap: SubscriptionGap = {
      kind: "gap",
      reason,
      ...(known && from !== undefined && { from: { log, epoch, seq: from } }),
      ...(known && { to: { log, epoch, seq: to } }),
      commit: () => this.commit(gap),
    };
    return gap;
  }

  /** `undefined` when the definition's schema does not take the data: the handler could not either. */
  async #parse(data: JsonObject, eventId: string): Promise<{ data: Payload } | undefined> {
    const schema = this.options.payloadSchema?.standard;
    if (schema === undefined) return { data: data as Payload };
    try {
      const result = await schema["~standard"].validate(data);
      if (result.issues === undefined) return { data: result.value as Payload };
      const issues = result.issues.map((issue) => `${issuePath(issue)}: ${issue.message}`);
      this.options.settings.logger.warn("an event does not fit its definition", { eventId, issues });
    } catch (error) {
      this.options.settings.logger.warn("an event's schema failed", { eventId, error });
    }
    return undefined;
  }

  // ------------------------------------------------------------------ ends

  #stopAtGap(): undefined {
    const release = this.options.intake.consumer.peek();
    if (release?.kind === "gap") this.#stop(this.#gap(release));
  }

  #stop(gap: SubscriptionGap): never {
    this.#stopped = new EventsError("gap", `events are missing: ${gap.reason}`, { cause: gap });
    void this.session.stop();
    throw this.#stopped;
  }

  #finish(): undefined {
    const error = this.#stopped ?? this.session.error;
    if (error !== undefined && !this.#closed) throw error;
    return undefined;
  }

  #saveQuietly(): void {
    this.options.keeper.save().catch((error: unknown) => {
      this.options.settings.logger.error("the position was not stored", { error });
    });
  }
}

function positionOf(release: Handed & { kind: "event" }): ItemPosition | undefined {
  const { log, epoch, seq } = release;
  return log === PLAIN_LOG ? undefined : { log, epoch, seq };
}

function authorsMeta(meta: JsonObject | undefined): JsonObject | undefined {
  const own = Object.entries(meta ?? {}).filter(([key]) => !OWN_META.has(key));
  return own.length > 0 ? Object.fromEntries(own) : undefined;
}
