import { EventsError } from "@mcp-events/protocol";
import { type JetStreamClient, type JetStreamManager, jetstream, jetstreamManager } from "@nats-io/jetstream";
import { Bucket, type KV, Kvm } from "@nats-io/kv";
import { connect, type NatsConnection } from "@nats-io/transport-node";
import type { ResolvedNatsOptions } from "./options";

const REMEMBER_DELETES_MS = 60 * 60 * 1000;

/** What the parts of a store use of NATS. */
export interface Nats {
  readonly nc: NatsConnection;
  readonly js: JetStreamClient;
  readonly jsm: JetStreamManager;
  readonly kvm: Kvm;
}

/**
 * One connection, made when it is first needed. Once made it is kept: the client reconnects for ever, and calls in the
 * meantime fail after `timeoutMs`.
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
    return storeCall(`opening bucket ${name}`, async () => {
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

  async #connect(): Promise<Nats> {
    const { servers, connection, timeoutMs } = this.options;
    return storeCall(`connecting to ${servers.join(", ")}`, async () => {
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
        const jsm = await jetstreamManager(nc, { timeout: timeoutMs });
        const js = jetstream(nc, { timeout: timeoutMs });
        this.#nats = { nc, js, jsm, kvm: new Kvm(js) };
        void this.#watch(nc);
        return this.#nats;
      } catch (error) {
        await nc.close();
        throw error;
      }
    });
  }
}

/** Runs what talks to the servers; what it throws becomes a retryable `store_failed`. */
export async function storeCall<T>(what: string, fn: () => Promise<T>): Promise<T> {
  try {
    return await fn();
  } catch (cause) {
    if (EventsError.is(cause)) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new EventsError("store_failed", `natsStore: ${what} failed: ${reason}`, { cause, retryable: true });
  }
}
