export type {
  Appended,
  Awaitable,
  Entry,
  EventLog,
  LogPosition,
  LogStore,
  NewEntry,
  Page,
  ReadRequest,
  UpstreamAdvance,
  UpstreamState,
} from "./contracts";
