import { type Clock, EventsError } from "@mcp-events/protocol";
import type { LogStore } from "./contracts";
import { MemoryLog } from "./memory-log";
import { type MemoryLogOptions, resolveMemoryOptions } from "./memory-options";
import { type MemoryWebhooks, memoryWebhooks } from "./producer/memory-webhooks";

/** A {@link LogStore} that answers at once. */
export interface MemoryStore extends LogStore {
  open(name: string): MemoryLog;
  readonly webhooks: MemoryWebhooks;
  close(): void;
}

let lastEpoch = 0;

/** The start time; later than any epoch given before in this process, so that two stores never share numbers. */
function nextEpoch(clock: Clock): number {
  lastEpoch = Math.max(Math.floor(clock.now()), lastEpoch + 1);
  return lastEpoch;
}

/**
 * Logs and webhook subscriptions in this process's memory: nothing outlives it, and a restart is a new epoch (ORD-7).
 *
 * @throws EventsError `option_invalid` naming the option.
 */
export function memoryStore(options: MemoryLogOptions = {}): MemoryStore {
  const resolved = resolveMemoryOptions(options);
  const epoch = nextEpoch(resolved.clock);
  const logs = new Map<string, MemoryLog>();
  let closed = false;
  return {
    durable: false,
    webhooks: memoryWebhooks({ clock: resolved.clock }),
    open(name) {
      if (closed) throw new EventsError("closed", `memoryStore: cannot open log "${name}" after close`);
      const log = logs.get(name) ?? new MemoryLog(name, epoch, resolved);
      logs.set(name, log);
      return log;
    },
    close() {
      closed = true;
      for (const log of logs.values()) log.close();
      logs.clear();
    },
  };
}
