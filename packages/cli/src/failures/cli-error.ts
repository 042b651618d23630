import type { ExitCode } from "../exit-codes";
import { EXIT_CODES } from "../exit-codes";

/** A failure that says what was wrong and where, and what to do about it. */
export class CliError extends Error {
  override readonly name = "CliError";

  constructor(
    readonly exitCode: ExitCode,
    message: string,
    /** What to do; absent when nothing useful can be said. */
    readonly hint?: string | undefined,
    options?: { cause?: unknown },
  ) {
    super(message, options);
  }
}

/** A command line that cannot be followed. */
export function usageError(message: string, hint = "Try --help."): CliError {
  return new CliError(EXIT_CODES.usage, message, hint);
}

/** Nobody reads stdout any more (SIGPIPE): the end, but no failure. */
export class OutputClosed extends Error {
  override readonly name = "OutputClosed";
}
