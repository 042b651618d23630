// For those who write a store: what a log keeps in memory beside its entries.
export { Deque } from "./deque";
export { EventIds, type IdentifiedEntry } from "./event-ids";
export { type NamedEntry, NameIndex } from "./name-index";
export { UpstreamGroups } from "./upstream-groups";
