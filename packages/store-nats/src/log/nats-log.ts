import type {
  Appended,
  Awaitable,
  EventLog,
  LogPosition,
  LogSize,
  NewEntry,
  Page,
  ReadRequest,
  UpstreamAdvance,
  UpstreamState,
} from "@mcp-events/ordering";
import { EventsError } from "@mcp-events/protocol";
import type { Connection } from "../connection";
import { Fetcher } from "./fetch";
import { Follower } from "./follower";
import type { Batch } from "./kept";
import { Listeners } from "./listeners";
import type { KeptPage, Verdict } from "./mirror";
import { MAX_ENTRIES } from "./numbers";
import { stage } from "./stage";
import { namesOf } from "./stream";
import { Writer } from "./writer";

const MAX_TRIES = 5;
/** How long the head is asked for, before what is known has to do. */
const HEAD_MS = 1_000;

/** A log that is a stream of JetStream: any number of processes append and read. */
export class NatsLog implements EventLog {
  readonly #follower: Follower;
  readonly #writer: Writer;
  readonly #fetcher: Fetcher;
  readonly #listeners = new Listeners();
  /** The append under way; the next one waits for it. */
  #last: Promise<unknown> = Promise.resolve();
  #closed = false;

  constructor(
    readonly name: string,
    private readonly connection: Connection,
  ) {
    const names = namesOf(name, connection.options);
    this.#follower = new Follower(connection, names, {
      onVerdict: (batch, verdict) => this.#judged(batch, verdict),
      onReset: (types) => this.#listeners.tell(types),
    });
    this.#writer = new Writer(connection, names, this.#follower);
    this.#fetcher = new Fetcher(connection, names.stream);
  }

  get salt(): string {
    return this.#follower.salt;
  }

  /** @throws EventsError `store_failed` (retryable) when the servers do not answer. */
  open(): Promise<void> {
    return this.#follower.open();
  }

  async head(): Promise<LogPosition> {
    await this.#catchUp();
    const { epoch, head } = this.#follower.mirror;
    return { epoch, seq: head };
  }

  async size(): Promise<LogSize> {
    await this.#catchUp();
    return this.#follower.fresh.size;
  }

  append(
    entries: readonly NewEntry[],
    options?: { upstream?: UpstreamAdvance | undefined },
  ): Promise<readonly Appended[]> {
    const turn = this.#last.then(() => this.#append(entries, options?.upstream));
    this.#last = turn.catch(() => {});
    return turn;
  }

  read(request: ReadRequest): Awaitable<Page> {
    const page = this.#follower.fresh.read(request);
    const entries = page.entries.map(({ entry }) => entry);
    if (entries.every((entry) => entry !== undefined)) return { ...page, entries };
    return this.connection.call("reading a log", () => this.#fetch(request, page));
  }

  seqBefore(time: number): number {
    return this.#follower.fresh.seqBefore(time);
  }

  upstream(group: string): UpstreamState | undefined {
    return this.#follower.mirror.upstream(group);
  }

  locate(group: string, cursor: string | null, lastEventId?: string): number | undefined {
    return this.#follower.mirror.locate(group, cursor, lastEventId);
  }

  watch(listener: (names: ReadonlySet<string>) => void): () => void {
    return this.#listeners.add(listener);
  }

  async truncate(): Promise<void> {
    await this.connection.call("truncating a log", async () => {
      await this.#follower.saveCheckpoint();
      const { jsm } = await this.connection.get();
      await jsm.streams.purge(namesOf(this.name, this.connection.options).stream);
      await this.#follower.look();
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#listeners.clear();
    await this.#follower.close();
  }

  async #append(entries: readonly NewEntry[], upstream: UpstreamAdvance | undefined): Promise<Appended[]> {
    for (let tries = 0; tries < MAX_TRIES; tries += 1) {
      if (this.#closed) throw new EventsError("closed", `append: log "${this.name}" is closed`);
      const mirror = this.#follower.fresh;
      if (upstream !== undefined) mirror.require(upstream);
      const { staged, fresh } = stage(mirror, entries);
      const { epoch } = mirror;
      const appended = (numbers: readonly { seq: number; duplicate: boolean }[]) =>
        staged.map((one): Appended => {
          if ("known" in one) return { epoch, seq: one.known, duplicate: true };
          const { seq, duplicate } = numbers[one.fresh]!;
          return { epoch, seq, duplicate: duplicate || one.repeats };
        });
      if (fresh.length === 0 && upstream === undefined) return appended([]);
      if (fresh.length > MAX_ENTRIES) throw tooMany(fresh.length);
      const repeats = staged.some((one) => "known" in one);
      const verdict = await this.#writer.write({ epoch, seen: mirror.applied, repeats }, fresh, upstream);
      if (verdict.kind === "taken") return appended(verdict.numbers);
      if (verdict.kind === "refused") throw verdict.error;
    }
    throw new EventsError("append_failed", "append: the log keeps beginning anew", { retryable: true });
  }

  #judged(batch: Batch, verdict: Verdict | undefined): void {
    this.#writer.judged(batch, verdict);
    if (verdict?.kind !== "taken" || batch.entries.length === 0) return;
    const names = new Set<string>();
    for (const [index, { entry }] of batch.entries.entries()) {
      if (!verdict.numbers[index]!.duplicate) names.add(entry.name);
    }
    if (names.size > 0) this.#listeners.tell(names);
  }

  /** Applies everything that is in the stream by now. What is known has to do when the servers do not answer. */
  async #catchUp(): Promise<void> {
    const over = new AbortController();
    const cancel = this.connection.options.clock.after(HEAD_MS, () => over.abort());
    const asked = this.#follower
      .look()
      .then(({ state }) => this.#follower.reach(state.last_seq, over.signal));
    const ended = new Promise<void>((resolve) => {
      over.signal.addEventListener("abort", () => resolve(), { once: true });
    });
    await Promise.race([asked.catch(() => {}), ended]);
    cancel();
  }

  async #fetch(request: ReadRequest, first: KeptPage): Promise<Page> {
    let page = first;
    for (let tries = 0; tries < MAX_TRIES; tries += 1) {
      const entries = await this.#fetcher.load(page.entries);
      if (entries !== undefined) return { ...page, entries };
      await this.#follower.look();
      page = this.#follower.fresh.read(request);
    }
    throw new EventsError("store_failed", "read: retention is faster than the reader", { retryable: true });
  }
}

function tooMany(count: number): EventsError {
  return new EventsError(
    "payload_too_large",
    `append: ${count} entries at once, and this store takes ${MAX_ENTRIES}; emit them in several calls`,
  );
}
