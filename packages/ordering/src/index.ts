export { audienceOf } from "./audience";
// The consumer: what the client, and a receiver of webhooks, are built on.
export type { Answer, Missing } from "./consumer/answer";
export { type ConsumerState, parseConsumerState } from "./consumer/consumer-state";
export { EventWindow } from "./consumer/event-window";
export type { Interval } from "./consumer/interval-set";
export {
  comparePositions,
  MERGE_DEFAULTS,
  Merge,
  type MergeOptions,
  type MergePosition,
} from "./consumer/merge";
export {
  memoryPositions,
  type PositionStore,
  parseStoredPosition,
  type StoredPosition,
} from "./consumer/positions";
export type {
  Arrival,
  EventRelease,
  GapReason,
  GapRelease,
  Outcome,
  Release,
  Verdict,
} from "./consumer/release";
export { Resequencer } from "./consumer/resequencer";
export {
  type ChannelOptions,
  RESEQUENCER_DEFAULTS,
  type ResequencerOptions,
} from "./consumer/resequencer-options";
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
export { Lanes, type LanesOptions } from "./producer/lanes";
export {
  MEMORY_WEBHOOKS_DEFAULTS,
  type MemoryWebhooks,
  type MemoryWebhooksOptions,
  memoryWebhooks,
} from "./producer/memory-webhooks";
export type { LaneEntry, Outgoing } from "./producer/outgoing";
export type {
  DeadLetter,
  DeadLetterStore,
  Lease,
  SettledPlace,
  StoredHealth,
  StoredPlace,
  StoredSubscription,
  SubscriptionStore,
  WebhookStore,
  WriteGuard,
} from "./producer/webhook-store";
export { Reader } from "./reader";
export type { Batch, ReadItem } from "./reading";
export { View } from "./view";
export { VIEW_DEFAULTS, type ViewOptions } from "./view-options";
