import { join } from "node:path";
import { type LogStore, memoryStore } from "@mcp-events/ordering";
import { defineEvent, NOTIFICATIONS } from "@mcp-events/protocol";
import { createEventServer } from "@mcp-events/server";
import { sqliteStore } from "@mcp-events/store-sqlite";
import * as z from "zod";
import { type Bench, quantile } from "../harness";
import { MemoryHost } from "../server/memory-host";
import { inFolder } from "./rows";

const COUNT = 400;
const PAUSE_MS = 5;

const noteCreated = defineEvent("note.created", {
  description: "A note",
  payloadSchema: z.object({ sentAt: z.number(), text: z.string() }),
});

/** Time from `emit` to the push stream, in one process and without a wire: what the store adds. */
async function latency(store: LogStore) {
  const events = createEventServer({ store });
  const handle = events.register(noteCreated);
  const host = new MemoryHost();
  events.bind(host);
  const took: number[] = [];
  let isActive = false;
  const stream = host.stream({ name: "note.created" }, (messages) => {
    for (const { method, params } of messages) {
      if (method === NOTIFICATIONS.active) isActive = true;
      if (method !== NOTIFICATIONS.event) continue;
      took.push(performance.now() - (params as { data: { sentAt: number } }).data.sentAt);
    }
  });
  stream.result.catch(() => {});
  while (!isActive) await pause(1);
  for (let sent = 0; sent < COUNT; sent += 1) {
    void handle.emit({ sentAt: performance.now(), text: "x".repeat(300) });
    await pause(PAUSE_MS);
  }
  while (took.length < COUNT) await pause(1);
  stream.end();
  await events.close();
  return { value: quantile(took, 0.5), also: { p99: quantile(took, 0.99) } };
}

const sqlite = (synchronous: "full" | "normal") => () =>
  inFolder((folder) => latency(sqliteStore(join(folder, "store.db"), { synchronous })));

export const sqliteLatency: Bench = {
  name: `emit to push stream in one process, one event each ${PAUSE_MS} ms`,
  unit: "ms (p50)",
  rounds: 3,
  note: "lower is better",
  variants: {
    "in memory": () => latency(memoryStore()),
    "sqlite, full": sqlite("full"),
    "sqlite, normal": sqlite("normal"),
  },
};

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
