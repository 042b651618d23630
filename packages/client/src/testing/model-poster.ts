import { type JsonObject, ORDERING_EXTENSION, type ResequenceOffer } from "@mcp-events/protocol";
import type { FakeReceiver } from "./fake-receiver";
import { cursorAt, occurrence, positionMeta } from "./wire";

/** An event as the model's log has it. */
export interface ModelEvent {
  readonly seq: number;
  readonly key: string;
  readonly inView: boolean;
}

/** What a poster knows of the log it reads. */
export interface ModelLog {
  readonly epoch: number;
  readonly events: readonly ModelEvent[];
  readonly retained: number;
  readonly head: number;
}

/** Faults and choices of a poster. */
export interface PosterOptions {
  readonly random: () => number;
  readonly byKey: boolean;
  /** Whether posts and answers are lost now. */
  readonly cuts: () => boolean;
  /** Whether posts are repeated now. */
  readonly frames: () => boolean;
  /** Attempts after which an event is given up; absent: never. */
  readonly maxAttempts?: number | undefined;
}

/** Pumps after which an attempt without answer has failed. */
const PATIENCE = 4;

/** The webhook sender of a few lines: one subscription, lanes, window, watermark (ORDERING rules 10 to 14). */
export class ModelPoster {
  /** Everything of the view at or before it was accepted or given up. */
  settled: number;
  #begin: number;
  readonly #done = new Set<number>();
  readonly #attempts = new Map<number, number>();
  readonly #underWay = new Map<number, { left: number }>();

  constructor(
    readonly url: string,
    readonly epoch: number,
    begin: number,
    public offer: ResequenceOffer | undefined,
    public expiresAt: number,
    private readonly options: PosterOptions,
  ) {
    this.settled = begin;
    this.#begin = begin;
  }

  /** The position to tell in an answer: in quiet times, the head. */
  through(log: ModelLog): number {
    return this.#unsettled(log).length === 0 ? Math.max(log.head, this.settled) : this.settled;
  }

  pump(log: ModelLog, receiver: FakeReceiver): void {
    for (const [seq, attempt] of this.#underWay) {
      attempt.left -= 1;
      if (attempt.left <= 0) this.#failed(seq, log);
    }
    if (this.settled < log.retained) {
      if (!this.#underWay.has(0)) this.#postGapTo(log, receiver);
      return;
    }
    for (const event of this.#eligible(log)) this.#post(event, log, receiver);
  }

  #unsettled({ events }: ModelLog): ModelEvent[] {
    return events.filter(({ seq, inView }) => inView && seq > this.settled);
  }

  #eligible(log: ModelLog): ModelEvent[] {
    const open = this.#unsettled(log).filter(({ seq }) => !this.#done.has(seq));
    const window = this.offer?.window ?? Number.POSITIVE_INFINITY;
    const blocked = new Set<string>();
    return open.slice(0, window).filter(({ seq, key }) => {
      const lane = this.options.byKey ? key : "";
      if (blocked.has(lane)) return false;
      if (this.offer === undefined || (this.#attempts.get(seq) ?? 0) > 0) blocked.add(lane);
      return !this.#underWay.has(seq);
    });
  }

  #post(event: ModelEvent, log: ModelLog, receiver: FakeReceiver): void {
    const { maxAttempts = Number.POSITIVE_INFINITY } = this.options;
    const attempts = this.#attempts.get(event.seq) ?? 0;
    const isGap = attempts >= maxAttempts;
    // To a plain receiver the gap is let go in the end.
    if (isGap && this.offer === undefined && attempts >= 2 * maxAttempts) {
      this.#accepted(event.seq, log);
      return;
    }
    const mark = this.#mark(event, log);
    const cursor = cursorAt(this.settled, this.epoch);
    const _meta = { [ORDERING_EXTENSION]: mark };
    const body = isGap
      ? { type: "gap", cursor, _meta }
      : { ...occurrence(event.seq), cursor, _meta, eventId: `e${this.epoch}:${event.seq}` };
    this.#send(event.seq, body, log, receiver);
  }

  #postGapTo(log: ModelLog, receiver: FakeReceiver): void {
    const { retained } = log;
    const body = {
      type: "gap",
      cursor: cursorAt(retained, this.epoch),
      _meta: positionMeta(retained, this.epoch),
    };
    this.#send(0, body, log, receiver, () => {
      this.settled = Math.max(this.settled, retained);
      this.#begin = Math.max(this.#begin, retained);
      this.#advance(log);
    });
  }

  #mark({ seq, key }: ModelEvent, log: ModelLog): JsonObject {
    const view = log.events.filter((one) => one.inView && one.seq > this.#begin && one.seq < seq);
    const settled = view.findLast((one) => one.seq <= this.settled)?.seq ?? this.#begin;
    const prev = view.at(-1)?.seq ?? this.#begin;
    const mark = { log: "events", epoch: this.epoch, seq, prev, settled };
    if (!this.options.byKey) return mark;
    const before = view.findLast((one) => one.key === key && one.seq > settled)?.seq;
    return { ...mark, key, keyPrev: before ?? settled };
  }

  #send(
    seq: number,
    body: JsonObject,
    log: ModelLog,
    receiver: FakeReceiver,
    onAccepted: () => void = () => this.#accepted(seq, log),
  ): void {
    const { random, cuts, frames } = this.options;
    const attempt = { left: PATIENCE };
    this.#underWay.set(seq, attempt);
    const callback = receiver.at(this.url);
    if (callback === undefined || (cuts() && random() < 0.15)) return;
    const isAnswered = !(cuts() && random() < 0.15);
    if (frames() && random() < 0.1) void callback.post(body);
    void callback.post(body).then((outcome) => {
      if (!isAnswered || this.#underWay.get(seq) !== attempt) return;
      if (outcome === "accepted") onAccepted();
      else this.#failed(seq, log);
      this.#underWay.delete(seq);
    });
  }

  #failed(seq: number, log: ModelLog): void {
    this.#underWay.delete(seq);
    // A 503 to one posted behind an unsettled event is no attempt.
    const isLowest = this.#unsettled(log).find((one) => !this.#done.has(one.seq))?.seq === seq;
    if (isLowest) this.#attempts.set(seq, (this.#attempts.get(seq) ?? 0) + 1);
  }

  #accepted(seq: number, log: ModelLog): void {
    this.#done.add(seq);
    this.#advance(log);
  }

  #advance(log: ModelLog): void {
    for (const { seq } of this.#unsettled(log)) {
      if (!this.#done.has(seq)) return;
      this.settled = seq;
    }
  }
}
