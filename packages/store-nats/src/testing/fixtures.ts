import type { NewEntry, StoredPlace, StoredSubscription } from "@mcp-events/ordering";
import { jetstreamManager } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";
import { natsStore } from "../nats-store";
import type { NatsStoreOptions } from "../options";

let ids = 0;

/** A new entry with what a test does not care about filled in. */
export function newEntry(fields: Partial<NewEntry> = {}): NewEntry {
  ids += 1;
  return {
    kind: "event",
    name: "note.created",
    eventId: `e${ids}`,
    timestamp: "2026-01-01T00:00:00.000Z",
    data: {},
    ...fields,
  };
}

/** A webhook subscription of its own id. */
export const subscription = (id: string): StoredSubscription => ({
  id,
  principal: "ann",
  url: "https://receiver.example/hook",
  name: "note.created",
  arguments: {},
  secrets: [{ secret: "whsec_bmV3", until: null }],
  expiresAt: null,
});

/** A place that everything up to `through` is settled at. */
export const place = (through: number): StoredPlace => ({ epoch: 1, through, last: through, givenUp: [] });

/** Replicas on one prefix, and what removes all of it. */
export function replicas(url: string, options: Partial<NatsStoreOptions> = {}) {
  const prefix = `test-${crypto.randomUUID()}`;
  const stores: ReturnType<typeof natsStore>[] = [];
  return {
    prefix,
    store(more: Partial<NatsStoreOptions> = {}) {
      const store = natsStore({
        servers: url,
        prefix,
        checkpointMs: 200,
        maxBytes: 64 * 1024 * 1024,
        ...options,
        ...more,
      });
      stores.push(store);
      return store;
    },
    async close() {
      await Promise.all(stores.map((store) => store.close()));
      await removeAll(url, prefix);
    },
  };
}

/** Removes every stream of a prefix. */
export async function removeAll(url: string, prefix: string): Promise<void> {
  const nc = await connect({ servers: url });
  try {
    const jsm = await jetstreamManager(nc);
    for await (const name of jsm.streams.names()) {
      if (name.startsWith(`${prefix}-`) || name.startsWith(`KV_${prefix}-`)) await jsm.streams.delete(name);
    }
  } finally {
    await nc.close();
  }
}

/** Waits until something holds; fails after `ms`. */
export async function until(what: () => unknown | Promise<unknown>, ms = 10_000): Promise<void> {
  const end = Date.now() + ms;
  while (!(await what())) {
    if (Date.now() > end) throw new Error(`not within ${ms} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
