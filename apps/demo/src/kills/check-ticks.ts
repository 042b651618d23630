import type { ConsumerLine } from "./record-lines";

/**
 * Checks the record of a subscription whose upstream survives every kill: the ticks follow one another without gap and
 * without repeat, but for what a kill kept from being stored (ORD-7).
 *
 * @param unstored - Ticks that may be handled and not stored when a process is killed.
 * @returns how many ticks were handled, and what is wrong, in words.
 */
export function checkTicks(
  lines: readonly ConsumerLine[],
  unstored: number,
): { ticks: number; problems: string[] } {
  const problems: string[] = [];
  let ticks = 0;
  let last: number | undefined;
  let furthest = 0;
  let afterStart = false;
  for (const line of lines) {
    if (line.kind === "started") {
      afterStart = true;
      continue;
    }
    if (line.kind === "gap") problems.push(`ticks: a gap ${line.reason} after ${last}`);
    else if (line.n === undefined) problems.push(`ticks: ${line.eventId} has no number`);
    else {
      const { n } = line;
      const isAgain = afterStart && n <= furthest && n > furthest - unstored;
      if (!isAgain && last !== undefined && n !== last + 1) problems.push(`ticks: ${n} after ${last}`);
      if (n > furthest) ticks += 1;
      furthest = Math.max(furthest, n);
      last = n;
    }
    afterStart = false;
  }
  return { ticks, problems };
}
