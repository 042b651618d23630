import type { OrderingMark } from "@mcp-events/protocol";

export interface ModelEvent {
  readonly seq: number;
  readonly key: string;
  readonly inView: boolean;
  /** The receiver answers 413 to it. */
  readonly tooLarge: boolean;
}

export interface ModelLog {
  readonly epoch: number;
  readonly events: ModelEvent[];
}

/** What a webhook subscription keeps while its owners come and go. */
interface ModelSubscription {
  readonly log: ModelLog;
  watermark: number;
  last: number;
  token: number;
  readonly givenUp: Set<number>;
}

/** What an owner is about to post, or has posted. */
export interface ModelPost {
  readonly state: "ready" | "flying" | "accepted";
  readonly attempt: number;
}

export interface Delivery {
  readonly sender: ModelSender;
  readonly outgoing: ModelPost;
  readonly attempt: number;
  readonly mark: OrderingMark;
  readonly item: { readonly seq: number; readonly key: string };
  readonly gap: boolean;
  readonly tooLarge: boolean;
}

/** One owner of a webhook subscription. */
export interface ModelSender {
  /** It found out that it is the owner no longer. */
  readonly dead: boolean;
  readonly queue: readonly ModelPost[];
  /** Reads on. */
  fill(): void;
  /** Those that may be posted now. */
  ready(): readonly ModelPost[];
  post(one: ModelPost): Delivery;
  answer(one: ModelPost, attempt: number, code: number, healing: boolean): void;
}

/** The owners of one webhook subscription, one after the other. */
export interface ModelOwners {
  /** The subscription begins anew at number `at` of a log. */
  begin(log: ModelLog, at: number): void;
  takeOver(): ModelSender;
  /** Everything at or before it is settled, as it is stored. */
  watermark(): number;
}

export interface SenderOptions {
  readonly window: number;
  readonly byKey: boolean;
  /** Attempts before an event is given up. */
  readonly tries: number;
  /** Uniform in [0, 1). */
  readonly random: () => number;
}

let attempts = 0;

export function nextAttempt(): number {
  attempts += 1;
  return attempts;
}

/** What goes on the wire of a key: events of the key `d` are those without one. */
export function keyMark(key: string, keyPrev: number): { key?: string; keyPrev?: number } {
  return key === "d" ? { keyPrev } : { key, keyPrev };
}

interface Outgoing extends ModelPost {
  readonly seq: number;
  readonly key: string;
  readonly prev: number;
  readonly keyPrev: number;
  readonly tooLarge: boolean;
  tries: number;
  state: "ready" | "flying" | "accepted";
  attempt: number;
  gap: boolean;
  behind: boolean;
}

/** Owners that are {@link WebhookSender}s. */
export function modelOwners(options: SenderOptions): ModelOwners {
  let subscription: ModelSubscription;
  const isCurrent = (one: WebhookSender) =>
    one.subscription === subscription && one.token === subscription.token;
  return {
    begin(log, at) {
      subscription = { log, watermark: at, last: at, token: 0, givenUp: new Set() };
    },
    takeOver: () => new WebhookSender(subscription, isCurrent, options),
    watermark: () => subscription.watermark,
  };
}

/** One owner of a webhook subscription by ORDERING rules 10 to 14, as a model of a few lines. */
class WebhookSender implements ModelSender {
  dead = false;
  readonly queue: Outgoing[] = [];
  readonly token: number;
  #watermark: number;
  #last: number;
  #scanned: number;

  constructor(
    readonly subscription: ModelSubscription,
    private readonly isCurrent: (sender: WebhookSender) => boolean,
    private readonly options: SenderOptions,
  ) {
    subscription.token += 1;
    this.token = subscription.token;
    this.#watermark = this.#scanned = subscription.watermark;
    this.#last = subscription.last;
  }

  fill(): void {
    const { events } = this.subscription.log;
    while (this.#scanned < events.length && this.queue.length < 8) {
      const event = events[this.#scanned++] as ModelEvent;
      if (!event.inView) continue;
      const sameKey = this.queue.filter((one) => one.key === event.key).at(-1);
      this.queue.push({
        seq: event.seq,
        key: event.key,
        prev: this.queue.at(-1)?.seq ?? this.#last,
        keyPrev: sameKey?.seq ?? this.#last,
        tooLarge: event.tooLarge,
        tries: 0,
        state: "ready",
        attempt: 0,
        gap: this.subscription.givenUp.has(event.seq),
        behind: false,
      });
    }
    if (this.queue.length === 0 && this.#scanned > this.#watermark) {
      this.#watermark = this.#scanned;
      this.#save();
    }
  }

  /** Those that may be posted now. */
  ready(): Outgoing[] {
    return this.queue.filter((one) => {
      if (one.state !== "ready") return false;
      const open = this.queue.filter(({ state }) => state !== "accepted");
      const at = open.indexOf(one);
      const before = open.slice(0, at).filter(({ key }) => !this.options.byKey || key === one.key);
      if (this.options.window === 0) return before.length === 0;
      return at < this.options.window && !before.some(({ tries, gap }) => tries > 0 || gap);
    });
  }

  post(one: Outgoing): Delivery {
    one.state = "flying";
    one.attempt = nextAttempt();
    one.behind = this.queue.some(
      ({ seq, key, state }) =>
        seq < one.seq && state !== "accepted" && (!this.options.byKey || key === one.key),
    );
    const { seq, prev, key, keyPrev, gap, tooLarge } = one;
    const mark = {
      log: "events",
      epoch: this.subscription.log.epoch,
      seq,
      prev,
      ...keyMark(key, keyPrev),
      settled: this.#last,
    };
    return { sender: this, outgoing: one, attempt: one.attempt, mark, item: { seq, key }, gap, tooLarge };
  }

  answer(one: Outgoing, attempt: number, code: number, healing: boolean): void {
    if (one.attempt !== attempt || one.state !== "flying") return;
    if (code === 200) {
      this.#accepted(one);
      return;
    }
    one.state = "ready";
    if ((code === 503 && one.behind) || one.gap) return;
    one.tries += 1;
    const exhausted = one.tries >= this.options.tries && !(healing && code !== 503);
    if (exhausted || code === 413) this.#giveUp(one);
  }

  #accepted(one: Outgoing): void {
    one.state = "accepted";
    let moved = false;
    while (this.queue[0]?.state === "accepted") {
      this.#watermark = this.#last = (this.queue.shift() as Outgoing).seq;
      moved = true;
    }
    if (!moved) return;
    if (this.queue.length === 0) this.#watermark = this.#scanned;
    this.#save();
  }

  #giveUp(one: Outgoing): void {
    if (!this.isCurrent(this)) {
      this.dead = true;
      return;
    }
    this.subscription.givenUp.add(one.seq);
    one.gap = true;
    one.tries = 0;
  }

  #save(): void {
    if (!this.isCurrent(this)) return;
    this.subscription.watermark = this.#watermark;
    this.subscription.last = this.#last;
  }
}
