import { readLines } from "../result/record";
import type { ConsumerLine, EventLine, Place } from "./record-lines";

/** Events that a consumer's record has. */
export function eventsIn(file: string): EventLine[] {
  return readLines<ConsumerLine>(file).filter((line) => line.kind === "event");
}

/** Whether a consumer's record has an event at or after a place. */
export function hasReached(file: string, goal: Place): boolean {
  const last = eventsIn(file).at(-1);
  if (last === undefined) return false;
  return last.epoch > goal.epoch || (last.epoch === goal.epoch && last.seq >= goal.seq);
}
