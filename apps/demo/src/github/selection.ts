import { byType } from "./event-types";
import type { Example } from "./examples";

/** Names of the event types with most recordings, busiest first; equally busy ones by name. */
export function busiestTypes(examples: readonly Example[], count: number): string[] {
  return [...byType(examples)]
    .sort(([nameA, a], [nameB, b]) => b.length - a.length || (nameA < nameB ? -1 : 1))
    .slice(0, count)
    .map(([name]) => name);
}
