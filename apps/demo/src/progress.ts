import type { WriteStream } from "node:tty";

/** How often lines are written when the output is not a terminal, in milliseconds. */
const PLAIN_EVERY_MS = 2_000;
/** How often a terminal is drawn anew, in milliseconds. */
const DRAW_EVERY_MS = 200;

/** How far a run is. */
export interface Snapshot {
  /** What is going on, in words. */
  readonly phase: string;
  readonly posted: number;
  readonly toPost: number;
  readonly paths: readonly {
    readonly label: string;
    readonly handled: number;
    readonly expected: number;
    readonly reconnects: number;
  }[];
  /** Faults so far, in words. */
  readonly faults: string;
}

/** Where progress is written; as much of a terminal as is needed of it. */
export type ProgressOutput = Pick<WriteStream, "write"> & {
  readonly isTTY?: boolean;
  readonly columns?: number;
};

/** Shows how far a run is: redrawn in place on a terminal, a line every two seconds elsewhere. */
export class Progress {
  #timer: ReturnType<typeof setInterval> | undefined;
  #drawn = 0;

  constructor(
    private readonly output: ProgressOutput,
    private readonly snapshot: () => Snapshot,
  ) {}

  start(): void {
    const everyMs = this.output.isTTY === true ? DRAW_EVERY_MS : PLAIN_EVERY_MS;
    this.#timer = setInterval(() => this.#show(), everyMs);
  }

  /** Shows the last state and stops. */
  stop(): void {
    if (this.#timer === undefined) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#show();
  }

  #show(): void {
    if (this.output.isTTY !== true) {
      this.output.write(`${plainLine(this.snapshot())}\n`);
      return;
    }
    const width = this.output.columns ?? 80;
    const lines = drawing(this.snapshot()).map((line) => line.slice(0, width - 1));
    const up = this.#drawn === 0 ? "" : `\x1b[${this.#drawn}A`;
    this.output.write(`${up}${lines.map((line) => `\x1b[2K${line}\n`).join("")}`);
    this.#drawn = lines.length;
  }
}

/** One line that says it all. */
export function plainLine(snapshot: Snapshot): string {
  const paths = snapshot.paths.map(({ label, handled }) => `${label} ${handled}`).join(", ");
  return `${snapshot.phase}: posted ${snapshot.posted}/${snapshot.toPost}; handled: ${paths}; ${snapshot.faults}`;
}

const BAR_WIDTH = 24;

/** A few lines with bars. */
export function drawing(snapshot: Snapshot): string[] {
  const label = Math.max(...snapshot.paths.map((path) => path.label.length), "posted".length);
  const row = (name: string, done: number, total: number, note: string) =>
    `${name.padEnd(label)}  ${bar(done, total)}  ${done}/${total}${note}`;
  return [
    `${snapshot.phase}; ${snapshot.faults}`,
    row("posted", snapshot.posted, snapshot.toPost, ""),
    ...snapshot.paths.map(({ label: name, handled, expected, reconnects }) =>
      row(name, handled, expected, `  ${reconnects} reconnects`),
    ),
  ];
}

function bar(done: number, total: number): string {
  const filled = total === 0 ? 0 : Math.min(BAR_WIDTH, Math.floor((done / total) * BAR_WIDTH));
  return "█".repeat(filled) + "░".repeat(BAR_WIDTH - filled);
}
