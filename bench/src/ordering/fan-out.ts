import { memoryStore, type NewEntry, type Reader, View } from "@mcp-events/ordering";
import { systemClock } from "@mcp-events/protocol";
import { type Bench, perSecond } from "../harness";

const NAME = "note.created";
/** Distinct arguments among the subscriptions. */
export const ARGUMENT_SETS = 10;

let ids = 0;

function newEntry(): NewEntry {
  ids += 1;
  const data = { id: ids, text: "x".repeat(300) };
  return {
    kind: "event",
    name: NAME,
    eventId: `e${ids}`,
    timestamp: "2026-01-01T00:00:00.000Z",
    data,
    dataBytes: 330,
  };
}

/** What every variant does for a subscription: whether the event fits its arguments. */
function fits(data: { id?: unknown }, least: number): boolean {
  return (data.id as number) > least;
}

/** Emits one by one to plain callbacks that each filter for themselves: the least that a fan-out can cost. */
export function callbacks(subscriptions: number, emits: number): number {
  let delivered = 0;
  const listeners = Array.from({ length: subscriptions }, (_, index) => (entry: NewEntry) => {
    if (fits(entry.data, -(index % ARGUMENT_SETS))) delivered += 1;
  });
  const startedAt = performance.now();
  for (let emit = 0; emit < emits; emit += 1) {
    const entry = newEntry();
    for (const listener of listeners) listener(entry);
  }
  return perSecond(delivered, startedAt);
}

/** As {@link callbacks}, each waking a promise: the least for consumers that are asynchronous loops. */
export async function promises(subscriptions: number, emits: number): Promise<number> {
  let delivered = 0;
  let waiting: ((entry: NewEntry) => void)[] = [];
  const loop = async (least: number) => {
    for (;;) {
      const entry = await new Promise<NewEntry>((resolve) => waiting.push(resolve));
      if (fits(entry.data, least)) delivered += 1;
    }
  };
  for (let index = 0; index < subscriptions; index += 1) void loop(-(index % ARGUMENT_SETS));
  const startedAt = performance.now();
  for (let emit = 1; emit <= emits; emit += 1) {
    const entry = newEntry();
    const woken = waiting;
    waiting = [];
    for (const wake of woken) wake(entry);
    while (delivered < emit * subscriptions) await null;
  }
  return perSecond(delivered, startedAt);
}

/** Emits one by one to a log; subscriptions are readers of one view for each argument set. */
async function views(subscriptions: number, emits: number): Promise<number> {
  const store = memoryStore();
  const log = store.open("events");
  let evaluated = 0;
  let delivered = 0;
  const all = Array.from({ length: ARGUMENT_SETS }, (_, index) => {
    const match = (data: { id?: unknown }) => {
      evaluated += 1;
      return fits(data, -index);
    };
    return new View({ log, name: NAME, audience: `${index}`, clock: systemClock, match });
  });
  const consume = async (reader: Reader) => {
    for (;;) {
      const taken = reader.takeReady(100);
      const batch = taken instanceof Promise ? await taken : taken;
      delivered += batch.items.length;
      if (!batch.more) await reader.changed();
    }
  };
  const ends = Array.from({ length: subscriptions }, (_, index) =>
    consume(all[index % ARGUMENT_SETS]!.reader(0)).catch(() => {}),
  );
  await null;
  const startedAt = performance.now();
  for (let emit = 1; emit <= emits; emit += 1) {
    log.append([newEntry()]);
    while (delivered < emit * subscriptions) await null;
  }
  const figure = perSecond(delivered, startedAt);
  if (evaluated !== emits * Math.min(ARGUMENT_SETS, subscriptions))
    throw new Error(`${evaluated} evaluations`);
  for (const view of all) view.close();
  await Promise.all(ends);
  store.close();
  return figure;
}

/** One emit to 1,000 subscriptions of 10 argument sets. */
export const fanOut: Bench = {
  name: "fan-out in memory: 1 emit to 1,000 subscriptions of 10 argument sets",
  unit: "deliveries/s",
  note: "match is evaluated 10 times an emit (checked)",
  variants: {
    callbacks: () => callbacks(1000, 300),
    "promise loops": () => promises(1000, 300),
    views: () => views(1000, 300),
  },
};

const DELIVERIES = 200_000;

/** How the cost of a delivery grows with the number of subscriptions. */
export const fanOutGrowth: Bench = {
  name: "fan-out in memory: growth with the number of subscriptions, 10 argument sets",
  unit: "deliveries/s",
  note: "linear in deliveries when the ratio does not fall",
  variants: Object.fromEntries(
    [10, 100, 1000, 10_000].map((count) => [
      `${count} subscriptions`,
      () => views(count, DELIVERIES / count),
    ]),
  ),
};
