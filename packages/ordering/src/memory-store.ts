import type { EventLog, LogStore } from "./contracts";
import type { MemoryLogOptions } from "./memory-options";

/** A {@link LogStore} that knows the sizes of its logs. */
export interface MemoryStore extends LogStore {
  open(name: string): EventLog;
  close(): void;
}

/**
 * Logs in this process's memory: nothing outlives it, and a restart is a new epoch (ORD-7).
 *
 * @throws EventsError `option_invalid` naming the option.
 */
export function memoryStore(_options: MemoryLogOptions = {}): MemoryStore {
  throw new Error("not yet");
}
