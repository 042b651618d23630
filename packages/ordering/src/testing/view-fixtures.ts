import type { Awaitable, Entry, NewEntry } from "../contracts";
import type { Batch } from "../reading";
import { View } from "../view";
import type { ViewOptions } from "../view-options";
import { memoryLog, newEntry } from "./fixtures";

export const NAME = "note.created";

export function setUp(options: Partial<ViewOptions> = {}, logOptions = {}) {
  const { log, clock } = memoryLog(logOptions);
  const view = new View({ log, name: NAME, audience: "me", clock, ...options });
  const emit = (...entries: Partial<NewEntry>[]) => log.append(entries.map((fields) => newEntry(fields)));
  return { log, clock, view, emit };
}

export function now(batch: Awaitable<Batch>): Batch {
  if (batch instanceof Promise) throw new Error("expected an answer at once");
  return batch;
}

export const seqs = (batch: Batch) => batch.items.map((item) => item.entry.seq);
export const links = (batch: Batch) => batch.items.map((item) => [item.prev, item.entry.seq]);
export const n = (value: number): Partial<NewEntry> => ({ data: { n: value } });
export const isEven = (data: { n?: unknown }) => (data.n as number) % 2 === 0;

/** Evaluations that a test answers one by one. */
export function gate<T>() {
  const asked = new Map<number, { resolve(value: T): void; reject(error: unknown): void }>();
  const order: number[] = [];
  const evaluate = (_data: unknown, entry: Entry) => {
    order.push(entry.seq);
    return new Promise<T>((resolve, reject) => asked.set(entry.seq, { resolve, reject }));
  };
  return { asked, order, evaluate };
}
