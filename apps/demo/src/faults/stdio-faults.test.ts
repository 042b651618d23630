import { PassThrough, Readable, Writable } from "node:stream";
import { setImmediate as tick } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { createRandom } from "../random";
import type { StdioFaults } from "./profiles";
import { emptyStdioTally, relay } from "./stdio-faults";

const LINES = Array.from({ length: 200 }, (_, n) => Buffer.from(`{"n":${n},"text":"äöü"}\n`));
const WHOLE = Buffer.concat(LINES).toString();
const NEVER: StdioFaults = {
  split: 0,
  coalesce: 0,
  delay: 0,
  stall: 0,
  coalesceMs: [0, 1],
  delayMs: [0, 1],
  stallMs: [0, 1],
};

async function carry(faults: StdioFaults | null) {
  const pieces: Buffer[] = [];
  const output = new Writable({
    highWaterMark: 64,
    write(piece, _encoding, done) {
      pieces.push(piece);
      setImmediate(done);
    },
  });
  const tally = emptyStdioTally();
  await relay(Readable.from(LINES, { objectMode: false }), output, faults, createRandom(1), tally);
  return { pieces, tally, text: Buffer.concat(pieces).toString(), ended: output.writableEnded };
}

describe("relay", () => {
  it("carries everything when there is no fault", async () => {
    const { text, ended, tally } = await carry(null);
    expect(text).toBe(WHOLE);
    expect(ended).toBe(true);
    expect(tally).toMatchObject({ split: 0, coalesced: 0, delayed: 0, stalled: 0 });
  });

  it.each([
    ["split", "split"],
    ["coalesce", "coalesced"],
    ["delay", "delayed"],
    ["stall", "stalled"],
  ] as const)("carries everything in order when each chunk is hit by: %s", async (fault, counted) => {
    const { text, ended, tally } = await carry({ ...NEVER, [fault]: 1 });
    expect(text).toBe(WHOLE);
    expect(ended).toBe(true);
    expect(tally[counted]).toBe(tally.chunks);
    expect(tally.chunks).toBeGreaterThan(0);
  });

  it("splits inside of lines", async () => {
    const { pieces } = await carry({ ...NEVER, split: 1 });
    expect(pieces.some((piece) => piece.at(-1) !== 0x0a)).toBe(true);
  });

  it("makes one chunk of what arrives while it waits", async () => {
    const input = new PassThrough();
    const pieces: string[] = [];
    const output = new Writable({
      write(piece, _encoding, done) {
        pieces.push(String(piece));
        done();
      },
    });
    const faults = { ...NEVER, coalesce: 1, coalesceMs: [20, 20] as const };
    const done = relay(input, output, faults, createRandom(1), emptyStdioTally());
    for (const part of ["a", "b", "c"]) {
      input.write(part);
      await tick();
    }
    input.end();
    await done;
    expect(pieces).toEqual(["abc"]);
  });

  it("reads no further than its output takes", async () => {
    let produced = 0;
    const input = new Readable({
      highWaterMark: 1_024,
      read() {
        produced += 1;
        this.push(produced > 1_000 ? null : Buffer.alloc(1_024));
      },
    });
    const output = new Writable({ highWaterMark: 1_024, write: () => {} });
    void relay(input, output, null, createRandom(1), emptyStdioTally());
    for (let turns = 0; turns < 50; turns += 1) await tick();
    expect(produced).toBeLessThan(10);
    input.destroy();
  });
});
