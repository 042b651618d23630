import {
  type Delivery,
  keyMark,
  type ModelEvent,
  type ModelLog,
  type ModelOwners,
  type ModelPost,
  type ModelSender,
  nextAttempt,
  type SenderOptions,
} from "../../consumer/testing/webhook-sender";
import { Lanes } from "../lanes";
import { memoryWebhooks } from "../memory-webhooks";
import type { Outgoing } from "../outgoing";
import type { SettledPlace, SubscriptionStore } from "../webhook-store";

const ID = "subscription";

/** Owners that are built on the real {@link Lanes}, and go on from what a store has of the one before. */
export function lanesOwners(options: SenderOptions): ModelOwners {
  const { subscriptions } = memoryWebhooks();
  let log: ModelLog;
  return {
    begin(next, at) {
      log = next;
      const subscription = { id: ID, principal: "", url: "", name: "", arguments: {} };
      const place = { epoch: log.epoch, through: at, last: at, givenUp: [] };
      subscriptions.delete(ID);
      subscriptions.create({ ...subscription, secrets: [], expiresAt: null }, place, "owner");
    },
    takeOver: () => {
      const { token } = subscriptions.lease(ID, "owner")!;
      return new LanesSender(log, subscriptions, token, subscriptions.place(ID)!, options);
    },
    watermark: () => subscriptions.place(ID)!.through,
  };
}

interface Post extends ModelPost {
  readonly outgoing: Outgoing<ModelEvent>;
  state: ModelPost["state"];
  attempt: number;
}

/** One owner of a webhook subscription: reads the log, posts what its lanes give, and stores how far it came. */
class LanesSender implements ModelSender {
  dead = false;
  /** Taken from the lanes, posted or not. */
  queue: Post[] = [];
  readonly #lanes: Lanes<ModelEvent>;
  /** Number of the last event pushed. */
  #last: number;
  #scanned: number;
  /** The last event of each key. */
  #now = 0;

  constructor(
    private readonly log: ModelLog,
    private readonly store: SubscriptionStore,
    private readonly token: number,
    start: SettledPlace,
    private readonly options: SenderOptions,
  ) {
    const guarantee = options.byKey ? "key" : "subscription";
    this.#lanes = new Lanes({ ...start, guarantee, window: options.window, capacity: 8 });
    this.#last = start.last;
    this.#scanned = start.through;
  }

  fill(): void {
    this.#now += 1;
    const before = this.#lanes.through;
    const { events } = this.log;
    while (this.#scanned < events.length && this.#lanes.room > 0) {
      const event = events[this.#scanned++] as ModelEvent;
      if (event.inView) this.#push(event);
    }
    this.#lanes.scanned(this.#scanned);
    if (this.#lanes.through > before) this.#moved();
  }

  /** When nothing is left that may be posted at once, time goes by until something is due. */
  ready(): Post[] {
    this.#take();
    if (this.queue.length === 0) {
      const due = this.#lanes.dueAt();
      if (due !== undefined) {
        this.#now = due;
        if (!this.#take()) throw new Error(`nothing is due at ${due}`);
      }
    }
    return this.queue.filter(({ state }) => state === "ready");
  }

  post(one: Post): Delivery {
    one.state = "flying";
    one.attempt = nextAttempt();
    const { item, seq, prev, keyPrev, gap } = one.outgoing;
    const settled = this.#lanes.last;
    if (this.#lanes.isLowest(one.outgoing) !== (prev === settled)) {
      throw new Error(`${seq} after ${prev} has a wrong neighbour ${settled}`);
    }
    const { epoch } = this.log;
    const mark = { log: "events", epoch, seq, prev, ...keyMark(item.key, keyPrev ?? prev), settled };
    return { sender: this, outgoing: one, attempt: one.attempt, mark, item, gap, tooLarge: item.tooLarge };
  }

  answer(one: Post, attempt: number, code: number, healing: boolean): void {
    if (one.attempt !== attempt || one.state !== "flying") return;
    one.state = "accepted";
    this.queue = this.queue.filter((other) => other !== one);
    const { outgoing } = one;
    if (code === 200) {
      if (this.#lanes.settle(outgoing).length > 0) this.#moved();
      return;
    }
    const counts = code !== 503 || !outgoing.behind;
    const exhausted = outgoing.attempts + 1 >= this.options.tries && !(healing && code !== 503);
    if (counts && !outgoing.gap && (exhausted || code === 413)) this.#giveUp(outgoing);
    else this.#lanes.retry(outgoing, this.#now + Math.floor(this.options.random() * 6), counts);
  }

  #push(event: ModelEvent): void {
    const { seq, key } = event;
    this.#lanes.push({ item: event, seq, prev: this.#last, key: key === "d" ? undefined : key });
    this.#last = seq;
  }

  /** Whether there was anything. */
  #take(): boolean {
    const before = this.queue.length;
    for (let next = this.#lanes.next(this.#now); next !== undefined; next = this.#lanes.next(this.#now)) {
      this.queue.push({ outgoing: next, state: "ready", attempt: 0 });
    }
    return this.queue.length > before;
  }

  /** A store may be told late how far everything is settled. */
  #moved(): void {
    if (this.options.random() < 0.8) this.#save();
  }

  #giveUp(outgoing: Outgoing<ModelEvent>): void {
    this.#lanes.giveUp(outgoing);
    if (!this.#save()) this.dead = true;
  }

  #save(): boolean {
    const { through, last } = this.#lanes;
    const place = { epoch: this.log.epoch, through, last, givenUp: this.#lanes.givenUp() };
    return this.store.savePlace(ID, this.token, place) as boolean;
  }
}
