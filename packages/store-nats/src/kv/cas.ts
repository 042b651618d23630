import { EventsError, sleep } from "@mcp-events/protocol";
import { JetStreamApiCodes } from "@nats-io/jetstream";
import type { KV } from "@nats-io/kv";
import type { Connection } from "../connection";
import { isApiError } from "../log/stream";

const MAX_TRIES = 64;
const MAX_PAUSE_MS = 20;

/** A value with the revision it was read at; without one it is not there. */
export interface Versioned<V> {
  readonly value: V | undefined;
  readonly revision: number;
}

/** What {@link Cell.update} is told to do. */
export type Change<V, R> = { readonly write: V; readonly result: R } | { readonly result: R };

/** One bucket of JSON values, written only by compare-and-set. */
export class Cell<V> {
  constructor(
    private readonly connection: Connection,
    private readonly bucket: string,
  ) {}

  /** The value of a key, as the leader has it. */
  async get(key: string): Promise<Versioned<V>> {
    return this.#read(await this.#kv(), key);
  }

  /** Reads, lets `change` decide, and writes what it says, if nobody wrote meanwhile; else again. */
  async update<R>(
    key: string,
    change: (now: Versioned<V>) => Change<V, R> | Promise<Change<V, R>>,
  ): Promise<R> {
    const kv = await this.#kv();
    const { clock } = this.connection.options;
    for (let tries = 0; tries < MAX_TRIES; tries += 1) {
      const now = await this.#read(kv, key);
      const changed = await change(now);
      if (!("write" in changed)) return changed.result;
      if ((await this.#swap(kv, key, changed.write, now.revision)) !== undefined) return changed.result;
      await sleep(clock, Math.min(tries, MAX_PAUSE_MS));
    }
    const message = `natsStore: writing bucket ${this.bucket} failed: others keep writing ${key}`;
    throw new EventsError("store_failed", message, { retryable: true });
  }

  /** Writes a value if the key still has `revision`; its new revision, or `undefined`. */
  async swap(key: string, value: V, revision: number): Promise<number | undefined> {
    return this.#swap(await this.#kv(), key, value, revision);
  }

  async put(key: string, value: V): Promise<void> {
    const kv = await this.#kv();
    await this.connection.call(`writing bucket ${this.bucket}`, () => kv.put(key, JSON.stringify(value)));
  }

  /** Removes a key and all that is left of it, unless it was written since `revision`. */
  async remove(key: string, revision?: number): Promise<void> {
    const kv = await this.#kv();
    await this.connection.call(`writing bucket ${this.bucket}`, async () => {
      try {
        await kv.purge(key, revision === undefined ? undefined : { previousSeq: revision });
      } catch (error) {
        if (!isApiError(error, JetStreamApiCodes.StreamWrongLastSequence)) throw error;
      }
    });
  }

  #read(kv: KV, key: string): Promise<Versioned<V>> {
    return this.connection.call(`reading bucket ${this.bucket}`, () => read<V>(kv, key));
  }

  #kv(): Promise<KV> {
    return this.connection.bucket(this.bucket);
  }

  /** A write without an answer is looked up before the next try: it may have been stored. */
  async #swap(kv: KV, key: string, value: V, revision: number): Promise<number | undefined> {
    const text = JSON.stringify(value);
    let isOpen = false;
    return this.connection.call(`writing bucket ${this.bucket}`, async () => {
      if (isOpen) {
        const now = await kv.get(key);
        if (now !== null && now.revision > revision) {
          return now.operation === "PUT" && now.string() === text ? now.revision : undefined;
        }
      }
      const wasOpen = isOpen;
      isOpen = true;
      try {
        return await kv.put(key, text, { previousSeq: revision });
      } catch (error) {
        if (!isApiError(error, JetStreamApiCodes.StreamWrongLastSequence)) throw error;
        const now = wasOpen ? await kv.get(key) : null;
        return now?.operation === "PUT" && now.string() === text ? now.revision : undefined;
      }
    });
  }
}

async function read<V>(kv: KV, key: string): Promise<Versioned<V>> {
  const entry = await kv.get(key);
  if (entry === null) return { value: undefined, revision: 0 };
  return {
    value: entry.operation === "PUT" ? entry.json<V>() : undefined,
    revision: entry.revision,
  };
}
