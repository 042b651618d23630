import { type Guarantee, type JsonObject, ORDERING_EXTENSION, type OrderingMark } from "@mcp-events/protocol";

/** An event of the model's log. */
export interface ModelEvent {
  readonly seq: number;
  readonly key: string;
}

interface Outgoing extends ModelEvent {
  readonly prev: number;
  state: "ready" | "flying" | "accepted";
  tries: number;
  gap: boolean;
  attempt: number;
}

/** One attempt. */
export interface Attempt {
  readonly outgoing: Outgoing;
  readonly number: number;
  readonly body: JsonObject;
}

const TRIES = 4;

/** One owner of a webhook subscription by ORDERING rules 10 to 14, in a few lines. */
export class ModelSender {
  readonly queue: Outgoing[];
  #settled: number;
  #attempts = 0;

  constructor(
    events: readonly ModelEvent[],
    /** Everything at or before it was settled before. */
    private readonly start: number,
    private readonly options: { readonly guarantee: Guarantee; readonly window: number },
  ) {
    this.#settled = start;
    this.queue = events.map(({ seq, key }, index) => {
      const prev = events[index - 1]?.seq ?? start;
      return { seq, key, prev, state: "ready", tries: 0, gap: false, attempt: 0 };
    });
  }

  get done(): boolean {
    return this.queue.every(({ state }) => state === "accepted");
  }

  /** Those that may be posted now. */
  ready(): Outgoing[] {
    const open = this.queue.filter(({ state }) => state !== "accepted");
    return open.filter((one, at) => {
      if (one.state !== "ready") return false;
      const before = open.slice(0, at).filter((other) => this.#sameLane(other, one));
      if (this.options.window === 0) return before.length === 0;
      return at < this.options.window && !before.some(({ tries, gap }) => tries > 0 || gap);
    });
  }

  post(one: Outgoing): Attempt {
    one.state = "flying";
    this.#attempts += 1;
    one.attempt = this.#attempts;
    const mark = this.#mark(one);
    const _meta = { [ORDERING_EXTENSION]: mark };
    const cursor = `c${this.#settled}`;
    const event = { eventId: `e${one.seq}`, name: "note", timestamp: "2024-01-01T00:00:00Z", data: {} };
    const body = one.gap ? { type: "gap", cursor, _meta } : { ...event, cursor, _meta };
    return { outgoing: one, number: one.attempt, body };
  }

  /** @param givesUp - Whether an event may be given up by it. */
  answer({ outgoing, number }: Attempt, accepted: boolean, givesUp: boolean): void {
    if (outgoing.attempt !== number || outgoing.state !== "flying") return;
    if (accepted) {
      outgoing.state = "accepted";
      const open = this.queue.findIndex(({ state }) => state !== "accepted");
      const last = open < 0 ? this.queue.at(-1) : this.queue[open - 1];
      this.#settled = last?.seq ?? this.start;
      return;
    }
    outgoing.state = "ready";
    if (outgoing.gap || this.#isBehind(outgoing)) return;
    outgoing.tries += 1;
    if (givesUp && outgoing.tries >= TRIES) {
      outgoing.gap = true;
      outgoing.tries = 0;
    }
  }

  #mark(one: Outgoing): OrderingMark {
    const { seq, key, prev } = one;
    const settled = this.#settled;
    const sameKey = this.queue.filter((other) => other.seq < seq && other.key === key).at(-1)?.seq ?? 0;
    return { log: "notes", epoch: 1, seq, prev, key, keyPrev: Math.max(sameKey, settled), settled };
  }

  #isBehind(one: Outgoing): boolean {
    return this.queue.some(
      (other) => other.seq < one.seq && other.state !== "accepted" && this.#sameLane(other, one),
    );
  }

  #sameLane(a: ModelEvent, b: ModelEvent): boolean {
    return this.options.guarantee === "subscription" || a.key === b.key;
  }
}
