import { EventsError, sleep } from "@mcp-events/protocol";
import type { JsMsg, StreamInfo } from "@nats-io/jetstream";
import { CoalescedCall } from "../coalesced-call";
import type { Connection } from "../connection";
import type { ResolvedNatsOptions } from "../options";
import { Backoff, readStream } from "../read-stream";
import { agree, write } from "./agree";
import { Assembler } from "./assembler";
import { type Checkpoint, readCheckpoint } from "./checkpoint";
import type { Batch } from "./kept";
import { decodePart } from "./message";
import { Mirror, type MirrorBounds, type Verdict } from "./mirror";
import { firstOf, type LogNames } from "./stream";

/** Looks at a stream that does not move, before its consumer is given up. */
const MAX_STALLS = 3;

/** What a {@link Follower} tells its log. */
export interface FollowerEvents {
  /** A batch was judged. */
  onVerdict(batch: Batch, verdict: Verdict | undefined): void;
  /** The log began anew, or what was read of it is no longer so. */
  onReset(names: ReadonlySet<string>): void;
}

/** Keeps a {@link Mirror} of a log up to date for as long as the store is open. */
export class Follower {
  #mirror: Mirror | undefined;
  #checkpoint: Checkpoint | undefined;
  #revision = 0;
  #unusable: EventsError | undefined;
  readonly #assembler = new Assembler();
  readonly #stop = new AbortController();
  #reading = new AbortController();
  #waiting: { readonly through: number; readonly resolve: () => void }[] = [];
  #stopListening = () => {};
  #stalls = 0;
  #appliedBefore = -1;
  readonly #info = new CoalescedCall(() => this.#look());

  constructor(
    private readonly connection: Connection,
    private readonly names: LogNames,
    private readonly events: FollowerEvents,
  ) {}

  /**
   * What is known of the log. Only once it was opened.
   *
   * @throws EventsError `store_unusable` when the log holds what this version does not know.
   */
  get mirror(): Mirror {
    if (this.#unusable !== undefined) throw this.#unusable;
    return this.#mirror!;
  }

  /** The same, without what is too old. */
  get fresh(): Mirror {
    this.mirror.dropAged(this.connection.options.clock.now());
    return this.mirror;
  }

  get salt(): string {
    return this.#checkpoint!.salt;
  }

  /** Reads the whole log, and follows it from then on. */
  async open(): Promise<void> {
    const info = await this.connection.call("opening a log", () => this.#sync());
    this.#stopListening = this.connection.onReconnect(() => this.restart());
    void this.#run();
    void this.#watchOver();
    await this.reach(info.state.last_seq, this.#stop.signal);
    if (this.#unusable !== undefined) throw this.#unusable;
  }

  /** Resolves once message `through` was applied, or on abort. */
  reach(through: number, signal: AbortSignal): Promise<void> {
    if (this.mirror.applied >= through || signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const done = () => {
        signal.removeEventListener("abort", done);
        this.#waiting = this.#waiting.filter((one) => one.resolve !== done);
        resolve();
      };
      this.#waiting.push({ through, resolve: done });
      signal.addEventListener("abort", done, { once: true });
    });
  }

  /** Asks the servers where the stream stands now, and notes what retention took. */
  look(): Promise<StreamInfo> {
    return this.#info.run();
  }

  /** Starts over: the stream is not what it was taken for. */
  restart(): void {
    this.#reading.abort();
  }

  /** Sums up what was applied, for replicas that begin later. */
  async saveCheckpoint(): Promise<void> {
    if (this.#mirror === undefined || this.#checkpoint === undefined) return;
    if (this.mirror.applied <= this.#checkpoint.through) return;
    const kv = await this.connection.bucket("state");
    const checkpoint = { ...this.#checkpoint, ...this.mirror.summary() };
    const revision = await write(kv, this.names.key, checkpoint, this.#revision);
    if (revision === undefined) return this.#adopt();
    this.#checkpoint = checkpoint;
    this.#revision = revision;
  }

  async close(): Promise<void> {
    if (this.#unusable === undefined) await this.saveCheckpoint().catch(() => {});
    this.#stop.abort();
    this.#reading.abort();
    this.#stopListening();
    for (const { resolve } of this.#waiting) resolve();
  }

  /** Another replica wrote the checkpoint. */
  async #adopt(): Promise<void> {
    const stored = await readCheckpoint(await this.connection.bucket("state"), this.names.key);
    if (stored === undefined) return this.restart();
    if (stored.checkpoint.epoch !== this.mirror.epoch) return this.restart();
    this.#checkpoint = stored.checkpoint;
    this.#revision = stored.revision;
  }

  async #run(): Promise<void> {
    const backoff = new Backoff();
    const { clock } = this.connection.options;
    while (!this.#stop.signal.aborted) {
      try {
        const before = this.mirror.applied;
        await this.#read();
        if (this.mirror.applied > before) backoff.reset();
      } catch (error) {
        if (EventsError.is(error) && error.code === "store_unusable") return this.#giveUp(error);
      }
      await backoff.pause(clock, this.#stop.signal);
      await this.#sync().catch(() => {});
    }
  }

  /** Nothing is read any more: whoever asks is told, at once. */
  #giveUp(error: EventsError): void {
    const names = this.mirror.names();
    this.#unusable = error;
    this.#stop.abort();
    for (const { resolve } of this.#waiting) resolve();
    this.events.onReset(names);
  }

  async #read(): Promise<void> {
    this.#reading = new AbortController();
    const nats = await this.connection.get();
    if (this.#stop.signal.aborted) return;
    await readStream(nats, this.names.stream, this.mirror.applied + 1, this.#reading.signal, (message) =>
      this.#take(message),
    );
  }

  /** Agrees with the others on the epoch; begins anew when it is another one. */
  async #sync(): Promise<StreamInfo> {
    const mirror = this.#mirror;
    const given = mirror === undefined ? undefined : { epoch: mirror.epoch, through: mirror.applied };
    const { info, checkpoint, revision } = await agree(this.connection, this.names, given);
    this.#checkpoint = checkpoint;
    this.#revision = revision;
    if (mirror?.epoch === checkpoint.epoch) return info;
    const bounds = boundsOf(this.connection.options, info);
    this.#mirror = new Mirror(bounds, checkpoint.epoch, checkpoint.base);
    this.#mirror.begin(firstOf(info), checkpoint);
    this.#assembler.clear();
    if (mirror !== undefined) this.events.onReset(mirror.names());
    return info;
  }

  /** Takes a message of the stream; false when reading has to start over. */
  #take(message: JsMsg): boolean {
    const { mirror } = this;
    if (message.seq <= mirror.applied) return true;
    if (message.seq > mirror.applied + 1) this.#skip(message.seq);
    const part = decodePart(message.string());
    if (part === undefined) mirror.passed(message.seq);
    else {
      if (part.epoch > mirror.epoch) return false;
      const at = Math.floor(message.info.timestampNanos / 1_000_000);
      const batch = this.#assembler.take({ part, message: message.seq, at });
      if (batch === undefined) mirror.passed(message.seq);
      else this.events.onVerdict(batch, mirror.apply(batch));
    }
    this.#applied();
    return true;
  }

  #skip(first: number): void {
    this.#assembler.clear();
    this.mirror.hole(first);
    this.events.onReset(this.mirror.names());
  }

  #applied(): void {
    const { applied } = this.mirror;
    for (const { through, resolve } of this.#waiting) if (through <= applied) resolve();
  }

  async #look(): Promise<StreamInfo> {
    const { jsm } = await this.connection.get();
    const info = await jsm.streams.info(this.names.stream);
    if (info.created === this.#checkpoint!.created) this.mirror.dropBefore(firstOf(info));
    return info;
  }

  /** Looks after the stream at intervals. */
  async #watchOver(): Promise<void> {
    const { clock, checkpointMs } = this.connection.options;
    for (;;) {
      await sleep(clock, checkpointMs, this.#stop.signal);
      if (this.#stop.signal.aborted) return;
      try {
        const info = await this.look();
        this.#judge(info);
        await this.saveCheckpoint();
        await this.#purge(info);
      } catch (error) {
        // The stream is gone, or no server answers; reading finds out what to do.
        if (!EventsError.is(error) && this.#isOnline()) this.#reading.abort();
      }
    }
  }

  /** Removes messages from the stream that hold only entries beyond `maxEntries`. */
  async #purge(info: StreamInfo): Promise<void> {
    const { needed } = this.mirror;
    if (needed <= firstOf(info) || this.#checkpoint!.through < needed) return;
    const { jsm } = await this.connection.get();
    await jsm.streams.purge(this.names.stream, { seq: needed });
  }

  #isOnline(): boolean {
    return !this.#stop.signal.aborted;
  }

  /** Whether the stream is still the one that is read, and whether its messages come. */
  #judge({ created, state }: StreamInfo): void {
    const { applied } = this.mirror;
    const moved = applied !== this.#appliedBefore;
    this.#appliedBefore = applied;
    this.#stalls = moved || state.last_seq === applied ? 0 : this.#stalls + 1;
    if (created !== this.#checkpoint!.created || this.#stalls >= MAX_STALLS) {
      this.#stalls = 0;
      this.restart();
    }
  }
}

function boundsOf(options: ResolvedNatsOptions, { config }: StreamInfo): MirrorBounds {
  const { maxEntries, cacheBytes, whenFull } = options;
  const maxAgeMs = config.max_age > 0 ? config.max_age / 1_000_000 : Number.POSITIVE_INFINITY;
  return { maxEntries: whenFull === "refuse" ? Number.POSITIVE_INFINITY : maxEntries, maxAgeMs, cacheBytes };
}
