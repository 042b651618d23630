import { type Bench, quantile } from "../harness";
import { EnginePosts, type EnginePostsOptions } from "./engine-posts";
import { RawPosts } from "./raw-posts";
import { LazyReceiver, type ReceiverProcess } from "./receiver-process";

const COUNT = 3_000;
const PER_SECOND = 200;
const PACED = 200;

const receiver = new LazyReceiver();

/** What posts, kept from round to round: what a server runs on is warm, and the code compiled for one that is gone is not. */
const open = new Map<string, Promise<RawPosts | EnginePosts>>();

function kept<P extends RawPosts | EnginePosts>(name: string, make: () => Promise<P>): Promise<P> {
  const known = open.get(name) ?? make();
  open.set(name, known);
  return known as Promise<P>;
}

async function close(): Promise<void> {
  for (const posts of open.values()) await (await posts).close();
  open.clear();
  await receiver.close();
}

/** Posts by undici alone: what the engine is measured against. */
function raw(wide: number, signs = false) {
  return async () => {
    const process = await receiver.get();
    const posts = await kept(`raw ${wide}`, async () => new RawPosts(process.plainUrl("raw"), wide));
    const took = await (signs ? posts.runSigning(COUNT) : posts.run(COUNT));
    await requireAll(process, COUNT);
    return (COUNT * 1_000) / took;
  };
}

/** From `emit` to the acceptance of the last event. */
function engine(name: string, options: Omit<EnginePostsOptions, "url">) {
  return async () => {
    const process = await receiver.get();
    const posts = await kept(name, async () => {
      const made = new EnginePosts({ url: process.plainUrl("engine"), ...options });
      await made.subscribe();
      return made;
    });
    const took = await posts.run(COUNT);
    await requireAll(process, COUNT, options);
    return (COUNT * 1_000) / took;
  };
}

/** Each event once; in order where one at a time is posted. */
async function requireAll(
  process: ReceiverProcess,
  count: number,
  { keys = 1, window }: Omit<EnginePostsOptions, "url"> = { window: 1 },
): Promise<void> {
  const { numbers } = await process.told();
  if (numbers.length !== count || new Set(numbers).size !== count) {
    throw new Error(`${numbers.length} events arrived, ${new Set(numbers).size} different, of ${count}`);
  }
  if (window !== undefined) return;
  const last = new Map<number, number>();
  for (const n of numbers) {
    const key = n % keys;
    if (n < (last.get(key) ?? 0)) throw new Error(`${n} arrived after ${last.get(key)}`);
    last.set(key, n);
  }
}

/** Webhook deliveries a second, beside the same bodies posted by undici alone. */
export const webhookPosts: Bench = {
  name: "webhook deliveries to another process: emit, read, sign, guard, post, settle",
  unit: "deliveries/s",
  rounds: 5,
  note: "raw: bodies signed before the clock runs; aims: one lane ÷ raw serial at least 0.8, 100 lanes ÷ raw 64 wide at least 0.8",
  baselines: ["raw serial", "raw serial, signing", "raw 64 wide", "raw 64 wide, signing"],
  variants: {
    "raw serial": raw(1),
    "raw 16 wide": raw(16),
    "raw 64 wide": raw(64),
    "raw serial, signing": raw(1, true),
    "raw 64 wide, signing": raw(64, true),
    "strict order, one lane": engine("one lane", {}),
    "100 lanes": engine("100 lanes", { keys: 100 }),
    "window 16": engine("window", { window: 16 }),
  },
  close,
};

/** From `emit` in one process to the handler in another, which verifies and puts in order. */
export const webhookLatency: Bench = {
  name: `latency of webhooks at ${PER_SECOND} events/s`,
  unit: "ms (p50)",
  rounds: 3,
  note: "from emit, or from before the raw post, to the receiver's handler; lower is better",
  variants: {
    raw: async () => {
      const process = await receiver.get();
      const posts = new RawPosts(process.plainUrl("raw"), 16);
      await posts.paced(PACED, 1_000 / PER_SECOND);
      await posts.close();
      return latencyOf(process);
    },
    "strict order": () => engineLatency(undefined),
    "window 16": () => engineLatency(16),
  },
  close: () => receiver.close(),
};

async function engineLatency(window: number | undefined) {
  const process = await receiver.get();
  const { url, secret } = process.address;
  const posts = new EnginePosts({ url, secret, window });
  await posts.subscribe(`bench-${Math.random()}`);
  await posts.paced(PACED, 1_000 / PER_SECOND);
  await posts.close();
  return latencyOf(process);
}

async function latencyOf(process: ReceiverProcess) {
  const { tookMs } = await process.told();
  if (tookMs.length !== PACED) throw new Error(`${tookMs.length} of ${PACED} events were handled`);
  return { value: quantile(tookMs, 0.5), also: { p99: quantile(tookMs, 0.99) } };
}
