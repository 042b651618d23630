import { join } from "node:path";
import type { EventLog } from "@mcp-events/ordering";
import { sqliteStore } from "@mcp-events/store-sqlite";
import { type Bench, perSecond } from "../harness";
import { inFolder, newEntries, rawTable } from "./rows";

const SINGLE = 1_000;
const BATCHED = 20_000;
const AT_ONCE = 100;
const NOTE =
  "WAL, synchronous = FULL: each transaction waits for fsync, on the disk that has the temporary folder. The raw variants " +
  "write the same rows and indexes and do nothing else.";

function raw(count: number, atOnce: number): Promise<number> {
  return inFolder(async (folder) => {
    const table = rawTable(join(folder, "raw.db"));
    const entries = newEntries(count);
    const startedAt = performance.now();
    for (let index = 0; index < count; index += atOnce) {
      if (atOnce === 1) table.add(entries[index]!);
      else table.addAll(entries.slice(index, index + atOnce));
    }
    const figure = perSecond(count, startedAt);
    table.close();
    return figure;
  });
}

function store(
  count: number,
  atOnce: number,
  append: (log: EventLog, batch: ReturnType<typeof newEntries>) => unknown,
) {
  return inFolder(async (folder) => {
    const file = sqliteStore(join(folder, "store.db"));
    const log = file.open("events");
    const entries = newEntries(count);
    const startedAt = performance.now();
    for (let index = 0; index < count; index += atOnce)
      await append(log, entries.slice(index, index + atOnce));
    const figure = perSecond(count, startedAt);
    const { seq } = await log.head();
    if (seq !== count) throw new Error(`the log has ${seq} events of ${count}`);
    file.close();
    return figure;
  });
}

/** One event after the other, each waited for. */
export const sqliteAppend: Bench = {
  name: "append to a SQLite log, one event a transaction",
  unit: "events/s",
  note: NOTE,
  variants: {
    "better-sqlite3": () => raw(SINGLE, 1),
    "append, awaited": () => store(SINGLE, 1, (log, batch) => log.append(batch)),
  },
};

/** A hundred events a transaction. */
export const sqliteBatch: Bench = {
  name: `append to a SQLite log, ${AT_ONCE} events a transaction`,
  unit: "events/s",
  note: NOTE,
  variants: {
    "better-sqlite3": () => raw(BATCHED, AT_ONCE),
    [`append of ${AT_ONCE}`]: () => store(BATCHED, AT_ONCE, (log, batch) => log.append(batch)),
    [`${AT_ONCE} appends of a turn`]: () =>
      store(BATCHED, AT_ONCE, (log, batch) => Promise.all(batch.map((entry) => log.append([entry])))),
  },
};
