/** What the exit code of `mcp-events` says. */
export const EXIT_CODES = {
  /** It was done, or it was stopped by SIGINT, SIGTERM or a reader that closed the pipe. */
  ok: 0,
  /** It was not done: the server refused, a file could not be written, `doctor` found a problem. */
  failed: 1,
  /** The command line cannot be followed; nothing was sent. */
  usage: 2,
  /** No connection, no access, or no events at the other end. */
  notConnected: 3,
  /** Events are missing, and `--stop-on-gap` was given. */
  gap: 4,
} as const;

/** One of {@link EXIT_CODES}. */
export type ExitCode = (typeof EXIT_CODES)[keyof typeof EXIT_CODES];
