export { audienceOf } from "./audience";
export type {
  Appended,
  Awaitable,
  Entry,
  EventLog,
  LogPosition,
  LogSize,
  LogStore,
  NewEntry,
  Page,
  ReadRequest,
  UpstreamAdvance,
  UpstreamState,
} from "./contracts";
export type { MemoryLog } from "./memory-log";
export { MEMORY_LOG_DEFAULTS, type MemoryLogOptions } from "./memory-options";
export { type MemoryStore, memoryStore } from "./memory-store";
export { Reader } from "./reader";
export type { Batch, ReadItem } from "./reading";
export { View } from "./view";
export { VIEW_DEFAULTS, type ViewOptions } from "./view-options";
