import { EventsError, sleep } from "@mcp-events/protocol";
import type { JsMsg } from "@nats-io/jetstream";
import { CoalescedCall } from "../coalesced-call";
import type { Connection } from "../connection";
import { Backoff, readStream } from "../read-stream";

const CHECK_MS = 1_000;
/** Looks at a bucket that moves while its messages do not come, before reading starts over. */
const MAX_STALLS = 3;
/** After so long without an answer what was deleted meanwhile may be forgotten by the servers, too. */
const RELOAD_AFTER_MS = 30 * 60 * 1000;
const REACH_MS = 2_000;

/** What a {@link BucketMirror} does with its entries. */
export interface MirrorHost<V> {
  /** Reads a stored value. `undefined`: as if it were not there. */
  parse(text: string, revision: number): V | undefined;
  /** An entry is there, changed, or gone; not told of while the bucket is first read. */
  changed?(key: string, value: V | undefined): void;
}

/** All of a bucket's entries, kept up to date in this process: for listing and watching. */
export class BucketMirror<V> {
  readonly entries = new Map<string, V>();
  readonly #stop = new AbortController();
  #reading = new AbortController();
  #opening: Promise<void> | undefined;
  #created = "";
  #applied = 0;
  #isRunning = false;
  #isLoaded = false;
  #stalls = 0;
  #heardAt = 0;
  #appliedBefore = -1;
  #waiting: (() => void)[] = [];
  #stopListening = () => {};
  readonly #info = new CoalescedCall(() => this.#look());

  constructor(
    private readonly connection: Connection,
    private readonly bucket: string,
    private readonly host: MirrorHost<V>,
  ) {}

  /** Resolves when everything written before is in `entries`. */
  async catchUp(): Promise<void> {
    await this.connection.call(`reading bucket ${this.bucket}`, async () => {
      this.#opening ??= this.#open();
      try {
        await this.#opening;
      } catch (error) {
        this.#opening = undefined;
        throw error;
      }
      const { last } = await this.#info.run();
      await this.#reach(last);
    });
  }

  close(): void {
    this.#stop.abort();
    this.#reading.abort();
    this.#stopListening();
    for (const resolve of this.#waiting) resolve();
  }

  get #stream(): string {
    return `KV_${this.connection.options.prefix}-${this.bucket}`;
  }

  async #open(): Promise<void> {
    await this.connection.bucket(this.bucket);
    const { created, last } = await this.#look();
    if (!this.#isRunning) this.#start(created);
    await this.#reach(last);
    this.#isLoaded = true;
  }

  #start(created: string): void {
    this.#isRunning = true;
    this.#created = created;
    this.#heardAt = this.connection.options.clock.now();
    this.#stopListening = this.connection.onReconnect(() => this.#reading.abort());
    void this.#run();
    void this.#watchOver();
  }

  async #look(): Promise<{ created: string; last: number }> {
    const { jsm } = await this.connection.get();
    const { created, state } = await jsm.streams.info(this.#stream);
    return { created, last: state.last_seq };
  }

  /** Waits until what was written up to `revision` has come. */
  async #reach(revision: number): Promise<void> {
    const { clock } = this.connection.options;
    const over = new AbortController();
    const cancel = clock.after(REACH_MS, () => over.abort());
    while (this.#applied < revision && !over.signal.aborted && !this.#stop.signal.aborted) {
      await new Promise<void>((resolve) => {
        this.#waiting.push(resolve);
        over.signal.addEventListener("abort", () => resolve(), { once: true });
      });
    }
    cancel();
    if (this.#applied < revision && !this.#stop.signal.aborted)
      throw new EventsError("store_failed", `natsStore: bucket ${this.bucket} does not come`, {
        retryable: true,
      });
  }

  async #run(): Promise<void> {
    const backoff = new Backoff();
    while (!this.#stop.signal.aborted) {
      const before = this.#applied;
      try {
        this.#reading = new AbortController();
        const nats = await this.connection.get();
        const { signal } = this.#reading;
        await readStream(nats, this.#stream, this.#applied + 1, signal, (message) => this.#take(message));
      } catch {}
      if (this.#applied > before) backoff.reset();
      await backoff.pause(this.connection.options.clock, this.#stop.signal);
    }
  }

  #take(message: JsMsg): boolean {
    if (message.seq <= this.#applied) return true;
    this.#applied = message.seq;
    const key = message.subject.slice(message.subject.indexOf(".", 4) + 1);
    const isGone = message.headers?.get("KV-Operation") !== "" && message.headers !== undefined;
    const value = isGone ? undefined : this.host.parse(message.string(), message.seq);
    if (value === undefined) this.entries.delete(key);
    else this.entries.set(key, value);
    if (this.#isLoaded) this.host.changed?.(key, value);
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
    return true;
  }

  async #watchOver(): Promise<void> {
    for (;;) {
      await sleep(this.connection.options.clock, CHECK_MS, this.#stop.signal);
      if (this.#stop.signal.aborted) return;
      const applied = this.#applied;
      const info = await this.#info.run().catch(() => undefined);
      if (info !== undefined) this.#judge(info, applied);
    }
  }

  /** @param applied - What had come before the servers were asked: the answer is no younger than what came since. */
  #judge({ created, last }: { created: string; last: number }, applied: number): void {
    const moved = this.#applied !== this.#appliedBefore;
    this.#appliedBefore = this.#applied;
    this.#stalls = moved || last === this.#applied ? 0 : this.#stalls + 1;
    const now = this.connection.options.clock.now();
    const isLate = now - this.#heardAt > RELOAD_AFTER_MS;
    this.#heardAt = now;
    if (created !== this.#created || last < applied || isLate) this.#beginAnew(created);
    else if (this.#stalls >= MAX_STALLS) this.#reading.abort();
  }

  /** The bucket is another one. */
  #beginAnew(created: string): void {
    this.#created = created;
    this.#applied = 0;
    const keys = [...this.entries.keys()];
    this.entries.clear();
    for (const key of keys) this.host.changed?.(key, undefined);
    this.#reading.abort();
  }
}
