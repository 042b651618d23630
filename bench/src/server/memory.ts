import { heapInUse } from "../garbage";
import type { Bench } from "../harness";
import { Subscribers } from "./subscribers";

const COUNT = 10_000;

/** Bytes that each of `count` things takes which `make` makes and `release` lets go of. */
export async function bytesEach(
  count: number,
  make: () => Promise<unknown>,
  release: () => Promise<void>,
): Promise<number> {
  const before = await heapInUse();
  const held = await make();
  const bytes = (await heapInUse()) - before;
  await release();
  if (held === undefined) throw new Error("nothing is held");
  return bytes / count;
}

/** What any server holds for a stream that it has not answered: a request handler that waits to be aborted. */
async function waitingHandlers(): Promise<number> {
  const open = new Map<number, AbortController>();
  const wait = async (signal: AbortSignal) => {
    await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
  };
  const make = async () => {
    for (let id = 0; id < COUNT; id += 1) {
      const abort = new AbortController();
      open.set(id, abort);
      void wait(abort.signal);
    }
    return open;
  };
  return bytesEach(COUNT, make, async () => {
    for (const abort of open.values()) abort.abort();
  });
}

async function pushSubscriptions(argumentSets: number): Promise<number> {
  const subscribers = new Subscribers();
  const make = async () => {
    await subscribers.open(COUNT, argumentSets);
    return subscribers;
  };
  return bytesEach(COUNT, make, () => subscribers.close());
}

/** The least that a lease can be: its key, and when it was heard of. */
async function keys(): Promise<number> {
  const heard = new Map<string, number>();
  const make = async () => {
    for (let n = 0; n < COUNT; n += 1) heard.set(JSON.stringify([`principal-${n}`, "note.created", {}]), n);
    return heard;
  };
  return bytesEach(COUNT, make, async () => heard.clear());
}

async function pollLeases(): Promise<number> {
  const subscribers = new Subscribers();
  const make = async () => {
    await subscribers.poll(COUNT);
    if (subscribers.leases !== COUNT) throw new Error(`${subscribers.leases} leases`);
    return subscribers;
  };
  return bytesEach(COUNT, make, () => subscribers.close());
}

/** What an idle push subscription costs the server's heap, beside its transport. */
export const pushMemory: Bench = {
  name: `memory of an idle push subscription, of ${COUNT.toLocaleString("en")}`,
  unit: "bytes",
  rounds: 3,
  note: "the server's own, without MCP server, socket and SDK; lower is better",
  variants: {
    "handler that waits": waitingHandlers,
    "10 argument sets": () => pushSubscriptions(10),
    "an argument set each": () => pushSubscriptions(COUNT),
  },
};

/** What a polling subscription costs between its polls. */
export const pollMemory: Bench = {
  name: `memory of an idle poll lease, of ${COUNT.toLocaleString("en")}`,
  unit: "bytes",
  rounds: 3,
  note: "a lease for each principal; lower is better",
  variants: { "Map of keys": keys, leases: pollLeases },
};
