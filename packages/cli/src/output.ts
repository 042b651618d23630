import type { Writable } from "node:stream";
import { OutputClosed } from "./failures/cli-error";

/** Codes of a stream whose reader has gone. */
const GONE = new Set(["EPIPE", "ERR_STREAM_DESTROYED", "ERR_STREAM_WRITE_AFTER_END", "ECONNRESET"]);

/** Data goes to stdout, everything else to stderr. */
export class Output {
  readonly #closed = new AbortController();

  constructor(
    private readonly stdout: Writable,
    private readonly stderr: Writable,
  ) {
    const ignore = () => {};
    // Without a listener a broken pipe would end the process before positions are stored.
    stderr.on("error", ignore);
    stdout.on("error", (error) => {
      if (isGone(error)) this.#closed.abort();
    });
  }

  /** Aborts when the reader of stdout has gone. */
  get closed(): AbortSignal {
    return this.#closed.signal;
  }

  /**
   * Writes a line of data; resolves when the system has taken it.
   *
   * @throws OutputClosed when nobody reads stdout any more; what the stream failed with otherwise.
   */
  line(text: string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.stdout.write(`${text}\n`, (error) => {
        if (error === null || error === undefined) resolve();
        else reject(isGone(error) ? new OutputClosed("stdout was closed", { cause: error }) : error);
      });
    });
  }

  /** Says something about the work itself, on stderr. */
  note(text: string): void {
    this.stderr.write(`${text}\n`);
  }
}

function isGone(error: Error): boolean {
  return GONE.has((error as NodeJS.ErrnoException).code ?? "");
}
