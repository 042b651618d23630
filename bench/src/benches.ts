import type { Bench } from "./harness";
import { append } from "./ordering/append";
import { fanOut, fanOutGrowth } from "./ordering/fan-out";
import { resequencer } from "./ordering/resequencer";
import { latency } from "./push/latency";
import { push } from "./push/throughput";
import { serverFanOut, serverFanOutGrowth } from "./server/fan-out";
import { keyGrowth, payloadGrowth } from "./server/growth";
import { pollMemory, pushMemory } from "./server/memory";
import { sqliteAppend, sqliteBatch } from "./store/sqlite-append";
import { sqliteLatency } from "./store/sqlite-latency";
import { sqliteRecovery } from "./store/sqlite-recovery";
import { natsLatency } from "./store-nats/latency";
import { natsPublish } from "./store-nats/publish";
import { natsReplicas } from "./store-nats/replicas";
import { natsStart } from "./store-nats/start";
import { webhookMemory, webhookSubscribes } from "./webhook/subscriptions";
import { webhookLatency, webhookPosts } from "./webhook/throughput";

/** All benches, by the name given on the command line. */
export const benches: Readonly<Record<string, Bench>> = {
  "push-http-v1": push("http", "v1"),
  "push-http-v2": push("http", "v2"),
  "push-stdio-v1": push("stdio", "v1"),
  "push-stdio-v2": push("stdio", "v2"),
  "latency-http": latency("http"),
  "latency-stdio": latency("stdio"),
  "webhook-posts": webhookPosts,
  "webhook-latency": webhookLatency,
  "webhook-subscribes": webhookSubscribes,
  "memory-webhook": webhookMemory,
  "server-fan-out": serverFanOut,
  "server-fan-out-growth": serverFanOutGrowth,
  "payload-growth": payloadGrowth,
  "key-growth": keyGrowth,
  "memory-push": pushMemory,
  "memory-poll": pollMemory,
  "store-nats": natsPublish,
  "store-nats-latency": natsLatency,
  "store-nats-replicas": natsReplicas,
  "store-nats-start": natsStart,
  resequencer,
  "fan-out": fanOut,
  "fan-out-growth": fanOutGrowth,
  append,
  "store-sqlite": sqliteAppend,
  "store-sqlite-batch": sqliteBatch,
  "store-sqlite-latency": sqliteLatency,
  "store-sqlite-recovery": sqliteRecovery,
};
