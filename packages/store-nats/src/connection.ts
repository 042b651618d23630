import { EventsError, sleep } from "@mcp-events/protocol";
import {
  JetStreamApiError,
  type JetStreamClient,
  type JetStreamManager,
  jetstream,
  jetstreamManager,
} from "@nats-io/jetstream";
import { Bucket, type KV, Kvm } from "@nats-io/kv";
import { connect, errors, type NatsConnection } from "@nats-io/transport-node";
import type { ResolvedNatsOptions } from "./options";

/** How long one request may take; a cluster that chooses a leader answers none. */
const ATTEMPT_MS = 2_000;
const PAUSE_MS = 100;
const REMEMBER_DELETES_MS = 60 * 60 * 1000;

/** What the parts of a store use of NATS. */
export interface Nats {
  readonly nc: NatsConnection;
  readonly js: JetStreamClient;
  readonly jsm: JetStreamManager;
  readonly kvm: Kvm;
}

/**
 * One connection, made when it is first needed. Once made it is kept while the client reconnects, and calls in the
 * meantime fail after `timeoutMs`; one that the client gave up is made anew.
 */
export class Connection {
  #nats: Nats | undefined;
  #connecting: Promise<Nats> | undefined;
  #closed = false;
  readonly #buckets = new Map<string, Promise<KV>>();
  readonly #listeners = new Set<() => void>();

  constructor(readonly options: ResolvedNatsOptions) {}

  /** @throws EventsError `store_failed` (retryable) when no server can be reached, or it has no JetStream; `closed`. */
  async get(): Promise<Nats> {
    if (this.#closed) throw new EventsError("closed", "natsStore: the store is closed");
    if (this.#nats !== undefined) return this.#nats;
    this.#connecting ??= this.#connect().finally(() => {
      this.#connecting = undefined;
    });
    return this.#connecting;
  }

  /**
   * Runs what asks the servers, again while nobody answers, for at most `timeoutMs`. It has to bear being run again.
   *
   * @throws EventsError `store_failed` (retryable); `closed`.
   */
  async call<T>(what: string, fn: () => Promise<T>): Promise<T> {
    const { clock, timeoutMs } = this.options;
    const deadline = clock.now() + timeoutMs;
    for (;;) {
      try {
        return await this.whileConnected(fn());
      } catch (error) {
        if (!isUnanswered(error) || this.#closed || clock.now() + PAUSE_MS >= deadline) {
          // A bucket may be gone; the next call opens it again.
          this.#buckets.clear();
          throw failed(what, error);
        }
        await sleep(clock, PAUSE_MS);
      }
    }
  }

  /** Waits for an answer for as long as the connection that it comes by is there. */
  async whileConnected<T>(answer: Promise<T>): Promise<T> {
    let stop = () => {};
    const cut = new Promise<never>((_, reject) => {
      stop = this.onReconnect(() => reject(new CutOff()));
    });
    try {
      return await Promise.race([answer, cut]);
    } finally {
      stop();
    }
  }

  /** A bucket of keys; made when it is not there. */
  async bucket(name: string): Promise<KV> {
    const known = this.#buckets.get(name);
    if (known !== undefined) return known;
    const opening = this.#openBucket(name);
    this.#buckets.set(name, opening);
    opening.catch(() => this.#buckets.delete(name));
    return opening;
  }

  /** Calls `listener` whenever the connection was lost and is there again: what was under way has no answer. */
  onReconnect(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const listener of this.#listeners) listener();
    const nats = this.#nats ?? (await this.#connecting?.catch(() => undefined));
    await nats?.nc.close();
  }

  async #openBucket(name: string): Promise<KV> {
    const { prefix, replicas, storage } = this.options;
    return this.call(`opening bucket ${name}`, async () => {
      const { kvm } = await this.get();
      const kv = await kvm.create(`${prefix}-${name}`, {
        history: 1,
        replicas,
        storage: storage as never,
        // A copy may be behind, and a decision on what was read would be wrong.
        allow_direct: false,
      });
      // What is left of deleted keys.
      if (kv instanceof Bucket) kv.purgeDeletes(REMEMBER_DELETES_MS).catch(() => {});
      return kv;
    });
  }

  async #watch(nc: NatsConnection): Promise<void> {
    for await (const { type } of nc.status()) {
      if (type === "reconnect") for (const listener of this.#listeners) listener();
    }
  }

  /** It does not reconnect any more, as after credentials that were refused: the next call makes another one. */
  #ended(nc: NatsConnection): void {
    if (this.#closed || this.#nats?.nc !== nc) return;
    this.#nats = undefined;
    this.#buckets.clear();
    for (const listener of this.#listeners) listener();
  }

  async #connect(): Promise<Nats> {
    const { servers, connection, timeoutMs } = this.options;
    const attemptMs = Math.min(timeoutMs, ATTEMPT_MS);
    try {
      const nc = await connect({
        name: "mcp-events",
        maxReconnectAttempts: -1,
        reconnectTimeWait: 250,
        pingInterval: 5_000,
        timeout: timeoutMs,
        ...connection,
        servers: [...servers],
      });
      try {
        const jsm = await jetstreamManager(nc, { timeout: attemptMs });
        const js = jetstream(nc, { timeout: attemptMs });
        this.#nats = { nc, js, jsm, kvm: new Kvm(js) };
        void this.#watch(nc);
        void nc.closed().then(() => this.#ended(nc));
        return this.#nats;
      } catch (error) {
        await nc.close();
        throw error;
      }
    } catch (cause) {
      throw failed(`connecting to ${servers.join(", ")}`, cause);
    }
  }
}

function failed(what: string, cause: unknown): EventsError {
  if (EventsError.is(cause)) return cause;
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new EventsError("store_failed", `natsStore: ${what} failed: ${reason}`, { cause, retryable: true });
}

/** Whether nobody answered, or said that nobody can answer now: while a leader is chosen, or a connection is lost. */
function isUnanswered(error: unknown): boolean {
  if (error instanceof JetStreamApiError) return error.status === 503;
  return (
    error instanceof errors.TimeoutError ||
    error instanceof errors.RequestError ||
    error instanceof errors.NoRespondersError ||
    error instanceof CutOff
  );
}

/** The connection was lost while an answer was waited for. */
class CutOff extends Error {
  constructor() {
    super("the connection was lost");
  }
}
