import { createFixture, type Fixture } from "./fixture";
import { serveHttp } from "./http/serve-http";
import { stderrLogger } from "./logger";
import type { EverythingOptions } from "./options";
import { type StdioPipes, serveStdio } from "./serve-stdio";
import { watchFiles } from "./watch/watch-files";

/** The running app. */
export interface Everything {
  readonly fixture: Fixture;
  /** Where HTTP clients go; `undefined` on stdio. */
  readonly url: string | undefined;
  /** Resolves when the client of a stdio connection is gone; over HTTP never. */
  readonly ended: Promise<void>;
  /** Ends every stream with a final result, then everything else. */
  close(): Promise<void>;
}

/**
 * Starts the server.
 *
 * @param pipes - What `--stdio` speaks on; default the process's own.
 * @throws the error of `listen` when the port is taken.
 */
export async function startEverything(
  options: EverythingOptions,
  pipes: StdioPipes = process,
): Promise<Everything> {
  const logger = stderrLogger(options.logLevel);
  const fixture = createFixture(options, logger);
  const { serving } = options;
  const connection =
    serving.kind === "http"
      ? { ...(await serveHttp(fixture, serving.port)), ended: new Promise<void>(() => {}) }
      : { ...(await serveStdio(fixture, pipes)), url: undefined };
  const watcher = options.watch === undefined ? undefined : await watchFiles(options.watch, fixture);
  let closing: Promise<void> | undefined;
  return {
    fixture,
    url: connection.url,
    ended: connection.ended,
    close() {
      closing ??= (async () => {
        await watcher?.close();
        await fixture.events.close();
        await connection.close();
        fixture.tasks?.store.cleanup();
      })();
      return closing;
    },
  };
}
