import type { StdioOutput } from "./recognise";

const writers = new WeakMap<StdioOutput, OutputWriter>();

/** The one writer of an output stream. */
export function writerOf(stdout: StdioOutput): OutputWriter {
  const known = writers.get(stdout);
  if (known !== undefined) return known;
  const writer = new OutputWriter(stdout);
  writers.set(stdout, writer);
  return writer;
}

/** Writes to stdout one after the other, each when the one before has drained, so that any number of streams hold no more than one write. */
export class OutputWriter {
  #last: Promise<void> = Promise.resolve();

  constructor(private readonly stdout: StdioOutput) {
    // A broken pipe is an `error` event; without a listener it ends the process. It stays for what is written last.
    stdout.on("error", () => {});
  }

  /** Resolves when the text was written and stdout can take more, or when `signal` aborts. */
  async write(text: string, signal: AbortSignal): Promise<void> {
    const before = this.#last;
    let done = () => {};
    this.#last = new Promise((resolve) => {
      done = resolve;
    });
    try {
      await before;
      await this.#drained(signal);
      if (signal.aborted || !this.#open) return;
      this.stdout.write(text);
      await this.#drained(signal);
    } finally {
      done();
    }
  }

  get #open(): boolean {
    return this.stdout.destroyed !== true && this.stdout.writableEnded !== true;
  }

  async #drained(signal: AbortSignal): Promise<void> {
    const { stdout } = this;
    if (stdout.writableNeedDrain !== true || signal.aborted || !this.#open) return;
    await new Promise<void>((resolve) => {
      const settle = () => {
        for (const event of ["drain", "close", "error"]) stdout.off(event, settle);
        signal.removeEventListener("abort", settle);
        resolve();
      };
      for (const event of ["drain", "close", "error"]) stdout.on(event, settle);
      signal.addEventListener("abort", settle);
    });
  }
}
