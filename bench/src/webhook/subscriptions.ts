import { createEventServer } from "@mcp-events/server";
import { webhook } from "@mcp-events/transport-webhook/node";
import { type Bench, perSecond } from "../harness";
import { measured } from "../push/event";
import { bytesEach } from "../server/memory";
import { MemoryHost } from "../server/memory-host";
import { EnginePosts } from "./engine-posts";
import { RawPosts } from "./raw-posts";
import { LazyReceiver } from "./receiver-process";

const IDLE = 10_000;
const SUBSCRIBES = 500;
const AT_ONCE = 16;

const receiver = new LazyReceiver();

function requestOf(index: number) {
  return {
    name: measured.name,
    arguments: {},
    delivery: {
      mode: "webhook",
      url: `https://a${index}.example/hooks/${index}`,
      secret: `whsec_${btoa(String(index).padStart(32, "0"))}`,
    },
  };
}

async function inAMap(): Promise<number> {
  const kept = new Map<string, string>();
  const make = async () => {
    for (let n = 0; n < IDLE; n += 1) kept.set(`sub_${n}`, JSON.stringify(requestOf(n)));
    return kept;
  };
  return bytesEach(IDLE, make, async () => kept.clear());
}

async function subscriptions(): Promise<number> {
  const host = new MemoryHost();
  const events = createEventServer({
    transports: [webhook({ verification: { allow: () => true } })],
    limits: { subscriptions: IDLE, subscriptionsPerPrincipal: IDLE },
  });
  events.register(measured);
  events.bind(host);
  const make = async () => {
    for (let n = 0; n < IDLE; n += 1) await host.request("events/subscribe", requestOf(n), `principal-${n}`);
    await new Promise((resolve) => setTimeout(resolve, 200)); // all are started
    return host;
  };
  return bytesEach(IDLE, make, () => events.close());
}

/** What an idle webhook subscription costs the server's heap. */
export const webhookMemory: Bench = {
  name: `memory of an idle webhook subscription, of ${IDLE.toLocaleString("en")}`,
  unit: "bytes",
  rounds: 3,
  note: "each with a principal, a URL and a secret of its own; lower is better",
  variants: { "Map of requests": inAMap, subscriptions },
};

async function rawChallenges(): Promise<number> {
  const process = await receiver.get();
  const posts = new RawPosts(process.plainUrl("raw"), AT_ONCE);
  const body = JSON.stringify({ type: "verification", challenge: "c".repeat(43) });
  const startedAt = performance.now();
  await manyAtOnce(() => posts.send(body));
  const rate = perSecond(SUBSCRIBES, startedAt);
  await posts.close();
  return rate;
}

async function subscribes(): Promise<number> {
  const process = await receiver.get();
  const posts = new EnginePosts({ url: process.plainUrl("engine") });
  const startedAt = performance.now();
  await manyAtOnce((index) => posts.subscribe(`principal-${index}`));
  const rate = perSecond(SUBSCRIBES, startedAt);
  await posts.close();
  return rate;
}

async function manyAtOnce(run: (index: number) => Promise<unknown>): Promise<void> {
  let next = 0;
  const worker = async () => {
    for (let index = next++; index < SUBSCRIBES; index = next++) await run(index);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

/** Subscriptions a second, each with a challenge of its own, beside posts of such challenges. */
export const webhookSubscribes: Bench = {
  name: `events/subscribe with verification, ${AT_ONCE} at once, a principal each`,
  unit: "subscribes/s",
  variants: { "raw challenges": rawChallenges, subscribes },
  close: () => receiver.close(),
};
