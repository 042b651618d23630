import { memoryStore, type NewEntry } from "@mcp-events/ordering";
import { type Bench, perSecond } from "../harness";

const COUNT = 200_000;

function entries(count: number, fields: Partial<NewEntry> = {}): NewEntry[] {
  return Array.from({ length: count }, (_, index) => ({
    kind: "event",
    name: `type.${index % 20}`,
    eventId: `e${index}`,
    timestamp: "2026-01-01T00:00:00.000Z",
    data: { index, text: "x".repeat(300) },
    ...fields,
  }));
}

function array(batch: readonly NewEntry[]): number {
  const log: unknown[] = [];
  const startedAt = performance.now();
  for (const entry of batch) log.push({ ...entry, seq: log.length + 1, appendedAt: Date.now(), bytes: 350 });
  return perSecond(log.length, startedAt);
}

function memoryLog(batch: readonly NewEntry[], perAppend = 1): number {
  const store = memoryStore({ maxEntries: COUNT / 2 });
  const log = store.open("events");
  const startedAt = performance.now();
  for (let index = 0; index < batch.length; index += perAppend)
    log.append(batch.slice(index, index + perAppend));
  const figure = perSecond(batch.length, startedAt);
  if (log.size().entries !== COUNT / 2) throw new Error("retention did not run");
  store.close();
  return figure;
}

/** Appends of 350-byte events of 20 types; the log also indexes, checks ids and drops what is over its bound. */
export const append: Bench = {
  name: "append to the log in memory, half of it dropped by retention again",
  unit: "events/s",
  variants: {
    "array.push": () => array(entries(COUNT)),
    "append, size known": () => memoryLog(entries(COUNT, { dataBytes: 330 })),
    "append, size measured": () => memoryLog(entries(COUNT)),
    "append of 100": () => memoryLog(entries(COUNT, { dataBytes: 330 }), 100),
  },
};
