import { type EventLog, memoryStore, memoryWebhooks, type SubscriptionStore } from "@mcp-events/ordering";
import { expect, it, test } from "vitest";
import { ManualClock } from "../../ordering/src/testing/manual-clock";
import { describeStore } from "./store";

/** What is wrong with a store. */
interface Faults {
  readonly log?: (log: EventLog) => Partial<EventLog>;
  readonly subscriptions?: (store: SubscriptionStore) => Partial<SubscriptionStore>;
}

/** Runs the case of an id over a store with a fault. */
async function run(id: string, faults: Faults): Promise<void> {
  const cases: (() => Promise<void>)[] = [];
  const clock = new ManualClock();
  const report = describeStore(
    "broken",
    (bounds) => {
      const base = memoryStore({ clock, ...bounds });
      const webhooks = memoryWebhooks({ clock, shared: true });
      const { subscriptions } = webhooks;
      const spoilt = bound(subscriptions, faults.subscriptions?.(subscriptions));
      const open = (name: string) => {
        const log = base.open(name);
        return bound(log, faults.log?.(log));
      };
      const store = { ...base, open, webhooks: { ...webhooks, subscriptions: spoilt } };
      const close = async () => base.close();
      return { store, pass: (ms: number) => clock.advance(ms), another: async () => store, close };
    },
    { test: (_, fn) => cases.push(fn) },
  );
  await cases[report.cases.indexOf(id)]!();
}

function bound<T extends object>(target: T, faults: Partial<T> = {}): T {
  return new Proxy(target, {
    get(_, key) {
      const member = Reflect.get(faults, key) ?? Reflect.get(target, key);
      return typeof member === "function" ? member.bind(target) : member;
    },
  });
}

test.each<[string, string, Faults]>([
  [
    "appends a part of a refused batch",
    "append-atomic",
    {
      log: (log) => ({
        append: async (batch) => (await Promise.all(batch.map(async (one) => log.append([one])))).flat(),
      }),
    },
  ],
  [
    "appends twice what it knows",
    "append-idempotent",
    {
      log: (log) => ({
        append: (batch) => log.append(batch.map((one) => ({ ...one, eventId: one.eventId + Math.random() }))),
      }),
    },
  ],
  ["says nothing of appends", "append-watch", { log: () => ({ watch: () => () => {} }) }],
  [
    "loses every tenth",
    "append-concurrent",
    {
      log: (log) => ({
        append: async (batch) => log.append(batch.some(({ data }) => data.n === 10) ? batch.slice(1) : batch),
      }),
    },
  ],
  [
    "is silent about a hole",
    "retention-entries",
    {
      log: (log) => ({ read: async (asked) => ({ ...(await log.read(asked)), truncated: false }) }),
    },
  ],
  [
    "gives a page past its end",
    "read-pages",
    {
      log: (log) => ({
        read: async (asked) => {
          const page = await log.read(asked);
          return { ...page, through: page.head };
        },
      }),
    },
  ],
  [
    "moves an upstream from anywhere",
    "upstream-advance",
    {
      log: (log) => ({
        append: async (batch, options) => {
          const { upstream } = options ?? {};
          if (upstream === undefined) return log.append(batch);
          const from = (await log.upstream(upstream.group))?.cursor;
          return log.append(batch, { upstream: { ...upstream, from } });
        },
      }),
    },
  ],
  [
    "lets an old owner write",
    "lease-fences",
    {
      subscriptions: (store) => ({ savePlace: async () => (await store.get("sub_a")) !== undefined }),
    },
  ],
  [
    "leases to everybody",
    "lease-excludes",
    {
      subscriptions: (store) => ({ lease: (id, owner) => store.lease(id, owner, { takeOver: true }) }),
    },
  ],
  [
    "puts over what it was not made from",
    "subscription-put",
    {
      subscriptions: (store) => ({
        put: async (one) => store.put({ ...one, revision: (await store.get(one.id))?.revision }),
      }),
    },
  ],
  [
    "deletes whatever the guard",
    "subscription-guards",
    {
      subscriptions: (store) => ({ delete: (id) => store.delete(id) }),
    },
  ],
  ["tells nobody of a put", "subscription-watch", { subscriptions: () => ({ watch: () => () => {} }) }],
])(
  "catches a store that %s",
  async (_, id, faults) => {
    await run(id, {});
    await expect(run(id, faults)).rejects.toThrow();
  },
  30_000,
);

it("says what start() must give", async () => {
  await expect(run("durable-log", {})).rejects.toThrow(
    'start() gives no reopen(): give it, or name the reason in skips["durable-log"]',
  );
});
