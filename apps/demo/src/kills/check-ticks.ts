import type { ConsumerLine } from "./record-lines";

/**
 * Checks the record of a subscription whose upstream survives every kill: the ticks follow one another without gap and
 * without repeat, but for the one that a kill kept from being committed (ORD-7).
 *
 * @returns how many ticks were handled, and what is wrong, in words.
 */
export function checkTicks(lines: readonly ConsumerLine[]): { ticks: number; problems: string[] } {
  const problems: string[] = [];
  let ticks = 0;
  let last: number | undefined;
  let afterStart = false;
  for (const line of lines) {
    if (line.kind === "started") {
      afterStart = true;
      continue;
    }
    if (line.kind === "gap") problems.push(`ticks: a gap ${line.reason} after ${last}`);
    else if (line.n === undefined) problems.push(`ticks: ${line.eventId} has no number`);
    else {
      const repeats = afterStart && line.n === last;
      if (!repeats && last !== undefined && line.n !== last + 1)
        problems.push(`ticks: ${line.n} after ${last}`);
      if (!repeats) ticks += 1;
      last = line.n;
    }
    afterStart = false;
  }
  return { ticks, problems };
}
