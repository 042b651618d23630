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
export interface ModelSubscription {
  readonly log: ModelLog;
  watermark: number;
  last: number;
  token: number;
  readonly givenUp: Set<number>;
}

export interface Outgoing {
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

export interface Delivery {
  readonly sender: WebhookSender;
  readonly outgoing: Outgoing;
  readonly attempt: number;
  readonly mark: OrderingMark;
  readonly gap: boolean;
  readonly tooLarge: boolean;
}

let attempts = 0;

/** One owner of a webhook subscription by ORDERING rules 10 to 14, as a model of a few lines. */
export class WebhookSender {
  dead = false;
  readonly queue: Outgoing[] = [];
  readonly token: number;
  #watermark: number;
  #last: number;
  #scanned: number;

  constructor(
    readonly subscription: ModelSubscription,
    private readonly isCurrent: (sender: WebhookSender) => boolean,
    private readonly options: { readonly window: number; readonly byKey: boolean; readonly tries: number },
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
    one.attempt = ++attempts;
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
      key,
      keyPrev,
      settled: this.#last,
    };
    return { sender: this, outgoing: one, attempt: one.attempt, mark, gap, tooLarge };
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
