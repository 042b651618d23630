import type { Awaitable } from "@mcp-events/ordering";
import {
  type CompiledSchema,
  EventsError,
  issuePath,
  type JsonObject,
  ORDERING_EXTENSION,
  type StandardResult,
  SUBSCRIPTION_ID,
} from "@mcp-events/protocol";
import { type Handed, HandedEvent, HandedGap, releaseOf } from "./handed-item";
import type { Intake, Received } from "./intake";
import type { ItemPosition, SubscriptionGap, SubscriptionItem } from "./items";
import type { ClientSettings } from "./options";
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
  /** Called after that, when nothing is left to hand out or to commit. */
  readonly onSpent: () => void;
}

/** Keys of `_meta` that tell how an event came, not what it is. */
const OWN_META: ReadonlySet<string> = new Set([ORDERING_EXTENSION, SUBSCRIPTION_ID]);

type Parsed<Payload> = { readonly data: Payload };

/** Between what arrives and who iterates: hands out items, commits them, and stores the position. */
export class SubscriptionCore<Payload = JsonObject> {
  readonly #pulse = new Pulse();
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
      this.#noteSpent();
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
      const pulled = this.pull();
      const item = pulled instanceof Promise ? await pulled : pulled;
      if (item !== undefined) return item;
      if (this.finished) return this.#finish();
      await this.#pulse.wait();
    }
  }

  /** The next item if one may be handed out now, at once unless its schema is asynchronous. Throws as {@link next} does, except for the end. */
  pull(): Awaitable<SubscriptionItem<Payload> | undefined> {
    const { consumer } = this.options.intake;
    if (this.#closed || this.#stopped !== undefined) return undefined;
    if (consumer.uncommitted >= this.options.settings.maxUncommitted) return undefined;
    if (this.options.onGap === "stop" && consumer.peek()?.kind === "gap") return this.#stopAtGap();
    const release = consumer.take();
    if (release === undefined) return undefined;
    this.#pulse.fire();
    if (release.kind === "gap") return new HandedGap(release, this, release);
    const parsed = this.#parse(release.item as Received);
    if (parsed instanceof Promise) return parsed.then((value) => this.#event(release, value));
    return this.#event(release, parsed);
  }

  /** Commits an item; resolves when that is stored. */
  async commit(item: object): Promise<void> {
    await this.commitNow(item);
  }

  /** As {@link commit}; `undefined` when there is nothing to wait for. */
  commitNow(item: object): Promise<void> | undefined {
    const release = releaseOf(item, this);
    if (release === undefined) {
      throw new EventsError("option_invalid", "commit: the item is not one of this subscription");
    }
    if (this.#closed) throw new EventsError("closed", "the subscription was closed");
    this.options.intake.consumer.commit(release);
    this.#noteSpent();
    this.#pulse.fire();
    return this.options.keeper.stores ? this.options.keeper.save() : undefined;
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
    this.#noteSpent();
    this.#pulse.fire();
    await this.options.keeper.save();
  }

  // ------------------------------------------------------------------ items

  /** An event; a gap in its place when the definition's schema does not take its data. */
  #event(
    release: Handed & { kind: "event" },
    parsed: Parsed<Payload> | undefined,
  ): SubscriptionItem<Payload> {
    if (parsed !== undefined) {
      const received = release.item as Received;
      return new HandedEvent(release, this, received, parsed.data, authorsMeta(received.occurrence._meta));
    }
    const { log, epoch, seq } = release;
    const gap = new HandedGap(release, this, { log, epoch, from: seq - 1, to: seq, reason: "lost" });
    if (this.options.onGap === "stop") this.#stop(gap);
    return gap;
  }

  /** `undefined` when the definition's schema does not take the data: the handler could not either. */
  #parse({ occurrence: { data, eventId } }: Received): Awaitable<Parsed<Payload> | undefined> {
    const schema = this.options.payloadSchema?.standard;
    if (schema === undefined) return { data: data as Payload };
    try {
      const result = schema["~standard"].validate(data);
      if (!(result instanceof Promise)) return this.#read(result, eventId);
      return result.then(
        (value) => this.#read(value, eventId),
        (error: unknown) => this.#schemaFailed(eventId, error),
      );
    } catch (error) {
      return this.#schemaFailed(eventId, error);
    }
  }

  #read(result: StandardResult<unknown>, eventId: string): Parsed<Payload> | undefined {
    if (result.issues === undefined) return { data: result.value as Payload };
    const issues = result.issues.map((issue) => `${issuePath(issue)}: ${issue.message}`);
    this.options.settings.logger.warn("an event does not fit its definition", { eventId, issues });
    return undefined;
  }

  #schemaFailed(eventId: string, error: unknown): undefined {
    this.options.settings.logger.warn("an event's schema failed", { eventId, error });
  }

  // ------------------------------------------------------------------ ends

  #stopAtGap(): undefined {
    const release = this.options.intake.consumer.peek();
    if (release?.kind === "gap") this.#stop(new HandedGap(release, this, release));
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

  #noteSpent(): void {
    if (!this.#ended) return;
    const { waiting, uncommitted } = this.options.intake.consumer;
    if (this.#closed || (waiting === 0 && uncommitted === 0)) this.options.onSpent();
  }

  #saveQuietly(): void {
    this.options.keeper.save().catch((error: unknown) => {
      this.options.settings.logger.error("the position was not stored", { error });
    });
  }
}

function authorsMeta(meta: JsonObject | undefined): JsonObject | undefined {
  for (const key in meta) {
    if (OWN_META.has(key)) continue;
    return Object.fromEntries(Object.entries(meta).filter(([name]) => !OWN_META.has(name)));
  }
  return undefined;
}
