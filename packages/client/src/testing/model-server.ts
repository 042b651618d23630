import {
  type JsonObject,
  METHODS,
  ORDERING_EXTENSION,
  readOrdering,
  resequenceOfferSchema,
  WireError,
} from "@mcp-events/protocol";
import type { FakeConnection, FakeStream } from "./fake-connection";
import type { FakeReceiver } from "./fake-receiver";
import { type ModelEvent, ModelPoster } from "./model-poster";
import { active, cursorAt, event, heartbeat, occurrence, positionMeta } from "./wire";

/** What a stream of the model still has to send. */
interface ModelReader {
  readonly stream: FakeStream;
  readonly epoch: number;
  started: { readonly through: number; readonly truncated: boolean } | undefined;
  position: number;
  prev: number;
  /** A frame was lost: no position may be told before the next event goes out. */
  damaged: boolean;
}

/** Faults that a model server may be told to have. */
export interface ModelFaults {
  /** Streams are cut, end, or fall silent, and requests fail. */
  readonly cuts: boolean;
  /** Single frames are lost, repeated or late. */
  readonly frames: boolean;
}

/** How long a webhook subscription is granted, in milliseconds. */
const TTL_MS = 1_500;

/** An event server of a few lines: one log, one view, poll, push and webhook as the contract says, with faults. */
export class ModelServer {
  epoch = 1;
  events: ModelEvent[] = [];
  /** Numbers at or below it are gone. */
  retained = 0;
  readonly #readers = new Set<ModelReader>();
  readonly #posters = new Map<string, ModelPoster>();
  #receiver: FakeReceiver | undefined;
  faults: ModelFaults;

  constructor(
    connection: FakeConnection,
    private readonly random: () => number,
    faults: ModelFaults,
    private readonly byKey: boolean,
    private readonly now: () => number,
    private readonly maxAttempts?: number | undefined,
  ) {
    this.faults = faults;
    this.serve(connection);
  }

  serve(connection: FakeConnection, receiver?: FakeReceiver): void {
    this.#receiver = receiver;
    connection.handlers.set(METHODS.subscribe, (params) => this.#subscribe(params));
    connection.handlers.set(METHODS.unsubscribe, (params) => this.#unsubscribe(params));
    connection.handlers.set(METHODS.poll, (params) => this.#poll(params));
    connection.onStream = (stream) => this.#open(stream);
  }

  get head(): number {
    return this.events.length;
  }

  emit(): void {
    const key = "abc"[Math.floor(this.random() * 3)] as string;
    this.events.push({ seq: this.head + 1, key, inView: this.random() < 0.75 });
  }

  /** Retention takes some of what is there. */
  truncate(): void {
    this.retained = Math.max(this.retained, Math.floor(this.random() * (this.head + 1)));
  }

  /** The log begins anew. */
  restart(): void {
    this.epoch += 1;
    this.events = [];
    this.retained = 0;
    for (const { stream } of this.#readers) stream.fail();
    this.#readers.clear();
    this.#posters.clear();
  }

  /** Lets every stream send a little, or break. */
  pump(): void {
    for (const reader of [...this.#readers]) {
      if (reader.stream.signal.aborted) this.#readers.delete(reader);
      else this.#step(reader);
    }
    for (const poster of this.#posters.values()) {
      if (poster.expiresAt <= this.now()) this.#posters.delete(poster.url);
      else if (this.#receiver !== undefined) poster.pump(this, this.#receiver);
    }
  }

  #chance(probability: number, kind: keyof ModelFaults): boolean {
    return this.faults[kind] && this.random() < probability;
  }

  /** Where a request with this cursor begins. */
  #start(cursor: unknown): { after: number; truncated: boolean } {
    if (typeof cursor !== "string") return { after: this.head, truncated: false };
    const [epoch, seq] = cursor.slice(1).split(":").map(Number) as [number, number];
    if (epoch !== this.epoch) return { after: this.retained, truncated: true };
    return seq < this.retained ? { after: this.retained, truncated: true } : { after: seq, truncated: false };
  }

  #mark(one: ModelEvent, prev: number): JsonObject {
    if (!this.byKey) return { epoch: this.epoch };
    const same = this.events.filter(({ seq, key, inView }) => inView && key === one.key && seq < one.seq);
    return { epoch: this.epoch, key: one.key, keyPrev: Math.min(same.at(-1)?.seq ?? 0, prev) };
  }

  #subscribe(params: JsonObject): JsonObject {
    if (this.#chance(0.2, "cuts")) throw new Error("the request was lost");
    const { url } = params.delivery as { url: string };
    const offer = readOrdering(params._meta, resequenceOfferSchema)?.resequence;
    const expiresAt = this.now() + TTL_MS;
    const { after, truncated } = this.#start(params.cursor);
    const living = this.#posters.get(url);
    const poster =
      living ??
      new ModelPoster(url, this.epoch, after, offer, expiresAt, {
        random: this.random,
        byKey: this.byKey,
        cuts: () => this.faults.cuts,
        frames: () => this.faults.frames,
        maxAttempts: this.maxAttempts,
      });
    this.#posters.set(url, poster);
    Object.assign(poster, { offer, expiresAt });
    const through = living === undefined ? after : living.through(this);
    const position = positionMeta(through, this.epoch)[ORDERING_EXTENSION] as JsonObject;
    if (this.#chance(0.2, "cuts")) throw new Error("the answer was lost");
    return {
      id: "sub_1",
      refreshBefore: new Date(expiresAt).toISOString(),
      cursor: cursorAt(through, this.epoch),
      truncated: living === undefined && truncated,
      _meta: { [ORDERING_EXTENSION]: offer === undefined ? position : { ...position, resequence: offer } },
    };
  }

  #unsubscribe({ delivery }: JsonObject): JsonObject {
    if (this.#chance(0.2, "cuts")) throw new Error("the request was lost");
    const { url } = delivery as { url: string };
    if (!this.#posters.delete(url)) throw new WireError("NotFound", "none", { kind: "subscription" });
    if (this.#chance(0.2, "cuts")) throw new Error("the answer was lost");
    return {};
  }

  #poll({ cursor }: JsonObject): JsonObject {
    if (this.#chance(0.2, "cuts")) throw new Error("the request was lost");
    const { after, truncated } = this.#start(cursor);
    const limit = 1 + Math.floor(this.random() * 5);
    const view = this.events.filter(({ seq, inView }) => seq > after && inView);
    const taken = view.slice(0, limit);
    const hasMore = view.length > taken.length;
    const through = hasMore ? (taken.at(-1) as ModelEvent).seq : this.head;
    const events = taken.map((one, index) => {
      const prev = taken[index - 1]?.seq ?? after;
      return occurrence(one.seq, prev, this.#mark(one, prev));
    });
    const answer = {
      events,
      cursor: cursorAt(through, this.epoch),
      truncated,
      hasMore,
      _meta: positionMeta(through, this.epoch),
    };
    if (this.#chance(0.2, "cuts")) throw new Error("the answer was lost");
    return answer;
  }

  #open(stream: FakeStream): void {
    const { after, truncated } = this.#start(stream.params.cursor);
    const started = { through: after, truncated };
    const reader = { stream, epoch: this.epoch, started, position: after, prev: after, damaged: false };
    this.#readers.add(reader);
  }

  #step(reader: ModelReader): void {
    const { stream } = reader;
    if (this.#chance(0.05, "cuts")) {
      this.#readers.delete(reader);
      // Silence is left to the client's watchdog.
      if (this.random() < 0.4) stream.fail();
      else if (this.random() < 0.5) stream.end();
      return;
    }
    if (reader.started !== undefined) {
      const { through, truncated } = reader.started;
      stream.send(active(through, { truncated, epoch: reader.epoch }));
      reader.started = undefined;
      return;
    }
    if (reader.position < this.retained) {
      reader.position = reader.prev = this.retained;
      reader.damaged = false;
      stream.send(active(this.retained, { truncated: true, epoch: reader.epoch }));
      return;
    }
    this.#next(reader);
  }

  #next(reader: ModelReader): void {
    const { stream } = reader;
    const next = this.events.find(({ seq, inView }) => seq > reader.position && inView);
    if (next === undefined) {
      if (!reader.damaged) stream.send({ ...heartbeat(this.head), params: this.#heartbeat() });
      return;
    }
    const message = event(next.seq, reader.prev, this.#mark(next, reader.prev));
    reader.position = reader.prev = next.seq;
    if (this.#chance(0.1, "frames")) {
      reader.damaged = true;
      return;
    }
    reader.damaged = false;
    stream.send(message);
    if (this.#chance(0.1, "frames")) stream.send(message);
  }

  #heartbeat(): JsonObject {
    return { cursor: cursorAt(this.head, this.epoch), _meta: positionMeta(this.head, this.epoch) };
  }
}
