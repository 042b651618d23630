/** Where the library reports what a person should know; the shape of pino's and the console's methods. */
export interface Logger {
  debug(message: string, fields?: Record<string, unknown>): void;
  info(message: string, fields?: Record<string, unknown>): void;
  warn(message: string, fields?: Record<string, unknown>): void;
  error(message: string, fields?: Record<string, unknown>): void;
}

/** Says nothing; the default, so that nothing reaches a stdio server's stdout. */
export const silentLogger: Logger = { debug() {}, info() {}, warn() {}, error() {} };
