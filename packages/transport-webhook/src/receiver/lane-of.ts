import { type Occurrence, readOrderingMark } from "@mcp-events/protocol";

/** The lane of an event with guarantee `key`; those without a key share one. */
export function laneOf(event: Occurrence): string {
  return readOrderingMark(event._meta)?.key ?? "";
}
