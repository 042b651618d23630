import { once } from "node:events";
import type { Readable, Writable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { integerBetween, type Random } from "../random";
import type { StdioFaults } from "./profiles";

/** What happened to the chunks of a pipe. */
export interface StdioTally {
  chunks: number;
  split: number;
  coalesced: number;
  delayed: number;
  stalled: number;
}

export function emptyStdioTally(): StdioTally {
  return { chunks: 0, split: 0, coalesced: 0, delayed: 0, stalled: 0 };
}

/** The greatest number of pieces that a chunk is split into. */
const MAX_PIECES = 6;

/**
 * Carries bytes from one stream to another, all of them and in order, but in other chunks and at other times. Ends
 * `output` when `input` has ended; the output's back-pressure reaches the input.
 *
 * @param faults - `null`: chunks pass as they are.
 * @param tally - Counts as it goes.
 */
export async function relay(
  input: Readable,
  output: Writable,
  faults: StdioFaults | null,
  random: Random,
  tally: StdioTally,
): Promise<void> {
  while (await hasBytes(input)) {
    if (faults !== null) await hold(faults, random, tally);
    const chunk: Buffer | null = input.read();
    if (chunk === null) continue;
    tally.chunks += 1;
    const splits = faults !== null && chunk.byteLength > 1 && random() < faults.split;
    if (splits) tally.split += 1;
    for (const piece of splits ? split(chunk, random) : [chunk]) {
      if (!output.write(piece)) await once(output, "drain");
      if (splits) await sleep(1);
    }
  }
  output.end();
}

/** Waits for bytes; false when the stream has ended. */
async function hasBytes(input: Readable): Promise<boolean> {
  while (input.readableLength === 0) {
    if (input.readableEnded || input.destroyed) return false;
    const settled = new AbortController();
    try {
      await Promise.race(
        ["readable", "end", "close"].map((event) => once(input, event, { signal: settled.signal })),
      );
    } finally {
      settled.abort();
    }
    if (input.readableLength === 0) input.read();
  }
  return true;
}

/** Lets time pass before the bytes are taken; what arrives meanwhile goes along with them. */
async function hold(faults: StdioFaults, random: Random, tally: StdioTally): Promise<void> {
  const lot = random();
  if (lot < faults.stall) {
    tally.stalled += 1;
    return sleep(integerBetween(random, ...faults.stallMs));
  }
  if (lot < faults.stall + faults.coalesce) {
    tally.coalesced += 1;
    return sleep(integerBetween(random, ...faults.coalesceMs));
  }
  if (lot < faults.stall + faults.coalesce + faults.delay) {
    tally.delayed += 1;
    return sleep(integerBetween(random, ...faults.delayMs));
  }
}

/** Pieces of a chunk, cut anywhere: inside a line, inside a character. */
function split(chunk: Buffer, random: Random): Buffer[] {
  const cuts = Array.from({ length: integerBetween(random, 1, MAX_PIECES - 1) }, () =>
    integerBetween(random, 1, chunk.byteLength - 1),
  );
  const edges = [0, ...new Set(cuts), chunk.byteLength].sort((a, b) => a - b);
  return edges.slice(1).map((edge, index) => chunk.subarray(edges[index], edge));
}
