import type { Release } from "@mcp-events/ordering";
import { type DeliveryMode, type JsonObject, ORDERING_EXTENSION } from "@mcp-events/protocol";
import type { Received } from "./intake";
import type { ItemPosition, SubscriptionEvent, SubscriptionGap } from "./items";
import { PLAIN_LOG } from "./plain-numbering";

/** What the consumer releases. */
export type Handed = Release<Received | undefined>;

/** Commits what it handed out. */
export interface Owner {
  commit(item: object): Promise<void>;
}

/** An item remembers what it stands for by itself: a WeakMap of every event costs more than all else of the iterator. */
class HandedItem {
  readonly #release: Handed;
  readonly #owner: Owner;

  constructor(release: Handed, owner: Owner) {
    this.#release = release;
    this.#owner = owner;
  }

  /** What an item stands for; `undefined` when it is not one that `owner` handed out. */
  static releaseOf(item: object, owner: Owner): Handed | undefined {
    return #release in item && item.#owner === owner ? item.#release : undefined;
  }

  commit(): Promise<void> {
    return this.#owner.commit(this);
  }
}

export const { releaseOf } = HandedItem;

/** An event as the iterator hands it out. */
export class HandedEvent<Payload> extends HandedItem implements SubscriptionEvent<Payload> {
  readonly kind = "event";
  readonly eventId: string;
  readonly name: string;
  readonly timestamp: string;
  readonly data: Payload;
  declare readonly meta?: JsonObject | undefined;
  declare readonly redriveOf?: string | undefined;
  declare readonly position?: ItemPosition | undefined;
  readonly mode: DeliveryMode;

  constructor(
    release: Handed & { kind: "event" },
    owner: Owner,
    received: Received,
    data: Payload,
    meta: JsonObject | undefined,
  ) {
    super(release, owner);
    const { occurrence, mode } = received;
    const { log, epoch, seq } = release;
    this.eventId = occurrence.eventId;
    this.name = occurrence.name;
    this.timestamp = occurrence.timestamp;
    this.data = data;
    if (meta !== undefined) this.meta = meta;
    if (log !== PLAIN_LOG) this.position = { log, epoch, seq };
    const { redriveOf } = (occurrence._meta?.[ORDERING_EXTENSION] ?? {}) as { redriveOf?: unknown };
    if (typeof redriveOf === "string") this.redriveOf = redriveOf;
    this.mode = mode;
  }
}

/** A gap as the iterator hands it out. */
export class HandedGap extends HandedItem implements SubscriptionGap {
  readonly kind = "gap";
  readonly reason: SubscriptionGap["reason"];
  declare readonly from?: ItemPosition | undefined;
  declare readonly to?: ItemPosition | undefined;

  /** @param gap - What is missing; the release itself, unless that is an event nobody can use. */
  constructor(release: Handed, owner: Owner, gap: Omit<Handed & { kind: "gap" }, "kind">) {
    super(release, owner);
    const { log, epoch, from, to, reason } = gap;
    this.reason = reason;
    if (log === PLAIN_LOG) return;
    if (from !== undefined) this.from = { log, epoch, seq: from };
    this.to = { log, epoch, seq: to };
  }
}
